import { z } from 'zod';
import { chartOf, chartShape } from '../../identity/index.ts';
import { shapeNamed } from '../documents/point-columns.ts';
import { publicName } from '../privacy.ts';
import { question } from '../question.ts';

const mostHits = 50;

export const search = question({
  name: 'search',
  path: '/search',
  summary: 'Finds series by words, and points and runs by the start of their id',
  description:
    'Every word must be in the names of a series: its model, shape (`1024/8192`), hardware, engine or precision.',
  params: z.strictObject({ q: z.string().min(1).max(300).describe('Words, or the start of an id') }),
  answer: z.object({
    series: z.array(
      z.object({
        shape: z.string().describe("The shape's key"),
        ...chartShape,
        model: z.string(),
        hw: z.string(),
        framework: z.string(),
        precision: z.string(),
        points: z.int(),
      }),
    ),
    points: z.array(z.string()),
    runs: z.array(z.string()),
  }),
  ask: async ({ store }, { q }) => {
    const words = q
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const [groups, points, runs] = await Promise.all([
      store.shapes(),
      store.idsStartingWith('measurements', q, mostHits),
      store.idsStartingWith('sweeps', q, mostHits),
    ]);
    const hits = groups.filter((group) => {
      const { model, isl, osl, hw, framework, precision } = group;
      const chart = Object.values(chartOf(group));
      const names = [...chart, model, `${isl}/${osl}`, hw, framework, precision].join(' ').toLowerCase();
      return words.every((word) => names.includes(word));
    });
    return {
      series: hits.slice(0, mostHits).map(({ oldestAt: _, newestAt: __, ...group }) => ({
        shape: shapeNamed(group).key,
        ...group,
        model: publicName(group.model),
      })),
      points,
      runs,
    };
  },
});
