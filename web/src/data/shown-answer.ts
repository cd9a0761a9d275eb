import type { Need } from '../../../src/derived/answer.ts';
import type { HardwareDecision } from '../../../src/derived/decision.ts';
import type { Envelope } from '../../../src/derived/envelope.ts';
import { decisionWith, envelopeWith } from '../../../src/derived/with-points.ts';
import type { AnswerDocument } from '../../../src/server/api.ts';
import type { AnsweredPoint } from './candidates.ts';

/** The answer that the front page shows. */
export interface ShownAnswer {
  readonly shape: AnswerDocument['shape'];
  readonly need: Need;
  readonly decision: HardwareDecision<AnsweredPoint>;
  readonly envelopes: readonly Envelope<AnsweredPoint>[];
}

/** The answer in a document, with the points themselves in place of their indexes. */
export function answerIn({ shape, need, decision, envelopes, ...rest }: AnswerDocument): ShownAnswer {
  const points = rest.points.map(({ series: at, layout, ...point }): AnsweredPoint => {
    const series = rest.series[at];
    if (series === undefined) throw new Error(`the answer's point ${point.id} has no series`);
    return { ...point, hw: series.hw, precision: series.precision, point: { series, layout } };
  });
  const pointAt = (place: number): AnsweredPoint => {
    const point = points[place];
    if (point === undefined) throw new Error(`the answer has no point ${place}`);
    return point;
  };
  return {
    shape,
    need,
    decision: decisionWith(decision, pointAt),
    envelopes: envelopes.map((one) => envelopeWith(one, pointAt)),
  };
}
