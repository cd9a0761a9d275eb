import type { PointView } from '../../src/server/api.ts';

/** Points that share everything but their concurrency and layout, drawn in one colour. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly PointView[];
}

/** Okabe and Ito's palette, distinguishable by people with any kind of colour blindness. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

export function seriesOf(points: readonly PointView[]): Series[] {
  const groups = Map.groupBy(points, seriesName);
  return [...groups].map(([name, members], index) => ({
    name,
    colour: palette[index % palette.length] ?? '#0072b2',
    points: members,
  }));
}

function seriesName(point: PointView): string {
  const spec = point.specDecoding === 'none' ? '' : ` ${point.specDecoding}`;
  return `${point.hw} · ${point.framework} · ${point.precision}${spec}`;
}
