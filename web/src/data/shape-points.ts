import { isNewer } from '../../../src/derived/best-over-time.ts';
import { pathPart } from '../../../src/derived/path-part.ts';
import { configurationOf } from '../../../src/derived/points-in-columns.ts';
import type { HistoryDocument } from '../../../src/server/api.ts';
import { type PublishedPoint, pointsOf } from './points.ts';
import { loadDocument } from './source.ts';

/** Which measurements of a shape: the latest, the latest as of the end of a day (UTC), or those of one run. */
export type When =
  | { readonly kind: 'latest' }
  | { readonly kind: 'day'; readonly day: string }
  | { readonly kind: 'run'; readonly run: string };

export function parseWhen(text: string): When {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return { kind: 'day', day: text };
  return text === '' ? { kind: 'latest' } : { kind: 'run', run: text };
}

export async function loadPoints(shapeKey: string, when: When): Promise<readonly PublishedPoint[]> {
  switch (when.kind) {
    case 'latest':
      return pointsOf(await loadDocument(`shapes/${shapeKey}`));
    case 'run': {
      const { shapes } = await loadDocument(`runs/${pathPart(when.run)}`);
      const of = shapes.find(({ shape }) => shape.key === shapeKey);
      return of === undefined ? [] : pointsOf(of);
    }
    case 'day':
      return latestOf((await loadHistories(shapeKey)).flatMap(pointsOf), endOfDayS(when.day));
  }
}

/** All measurements of every series of a shape. */
export async function loadHistories(shapeKey: string): Promise<readonly HistoryDocument[]> {
  const { series } = await loadDocument(`history/${shapeKey}`);
  return await Promise.all(series.map(({ key }) => loadDocument(`history/${shapeKey}/${key}`)));
}

/** The last measurement of each configuration and concurrency that started before a time. */
export function latestOf(points: readonly PublishedPoint[], beforeS: number): PublishedPoint[] {
  const latest = new Map<string, PublishedPoint>();
  for (const point of points) {
    if (point.measuredAtS >= beforeS) continue;
    const configuration = configurationOf(point);
    const known = latest.get(configuration);
    if (known === undefined || isNewer(point, known)) latest.set(configuration, point);
  }
  return [...latest.values()];
}

function endOfDayS(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000 + 86_400;
}
