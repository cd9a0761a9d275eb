import { paretoFrontier } from '../../src/derived/frontier.ts';
import type { PointView } from '../../src/server/api.ts';
import { interactivity, type Measure, shortNumber } from './measures.ts';
import type { Series } from './series.ts';

interface AnswerProps {
  readonly series: readonly Series[];
  readonly throughput: Measure;
}

/** What the charts say, in one sentence: the two ends of the best frontier. */
export function Answer({ series, throughput }: AnswerProps) {
  const points = series.flatMap((one) => one.points.map((point) => ({ point, name: one.name })));
  const frontier = paretoFrontier(
    points,
    ({ point }) => ({ x: interactivity.value(point), y: throughput.value(point) }),
    { x: interactivity.better, y: throughput.better },
  );
  const [most, fastest] = [frontier[0], frontier.at(-1)];
  if (most === undefined || fastest === undefined) return null;
  if (most === fastest) {
    return (
      <p class="answer">
        Best at everything: {most.name} at concurrency {most.point.conc}, with {pace(most.point, throughput)}.
      </p>
    );
  }
  return (
    <p class="answer">
      From <strong>{pace(most.point, throughput)}</strong> (concurrency {most.point.conc}, {most.name}) to{' '}
      <strong>{pace(fastest.point, throughput)}</strong> (concurrency {fastest.point.conc}, {fastest.name}):
      more users share an accelerator at the left end, each is served faster at the right.
    </p>
  );
}

function pace(point: PointView, throughput: Measure): string {
  return `${shortNumber(throughput.value(point))} tok/s per accelerator at ${shortNumber(point.interactivity)} tok/s per user`;
}
