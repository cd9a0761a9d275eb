import { pathPart } from '../../../src/derived/path-part.ts';
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
    case 'day': {
      const { series } = await loadDocument(`history/${shapeKey}`);
      const histories = await Promise.all(
        series.map(({ key }) => loadDocument(`history/${shapeKey}/${key}`)),
      );
      return latestOf(histories.flatMap(pointsOf), endOfDayS(when.day));
    }
  }
}

/** Of every configuration at every concurrency the last measurement that was begun before a time. */
export function latestOf(points: readonly PublishedPoint[], beforeS: number): PublishedPoint[] {
  const latest = new Map<string, PublishedPoint>();
  for (const point of points) {
    if (point.measuredAtS >= beforeS) continue;
    const configuration = `${point.series.key} ${point.layout} ${point.conc}`;
    const known = latest.get(configuration);
    if (known === undefined || known.measuredAtS < point.measuredAtS) latest.set(configuration, point);
  }
  return [...latest.values()];
}

function endOfDayS(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000 + 86_400;
}
