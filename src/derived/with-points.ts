import type { BestAnswer } from './answer.ts';
import type { DecisionRow, HardwareDecision } from './decision.ts';
import type { Envelope } from './envelope.ts';

/** Converts the points of an answer to another form, such as their indexes in a document. */
export function answerWith<From, To>(
  { at, ...figures }: BestAnswer<From>,
  form: (point: From) => To,
): BestAnswer<To> {
  if (at.kind === 'measured') return { ...figures, at: { ...at, point: form(at.point) } };
  const [low, high] = at.points;
  return { ...figures, at: { ...at, points: [form(low), form(high)] } };
}

/** Converts the points of a decision to another form. */
export function decisionWith<From, To>(
  { rows, ...rest }: HardwareDecision<From>,
  form: (point: From) => To,
): HardwareDecision<To> {
  return {
    ...rest,
    rows: rows.map(
      ({ answer, beyondTtft, points, ...known }): DecisionRow<To> => ({
        ...known,
        answer: answerWith(answer, form),
        points: points.map(form),
        beyondTtft: beyondTtft === null ? null : answerWith(beyondTtft, form),
      }),
    ),
  };
}

/** Converts the points of an envelope to another form. */
export function envelopeWith<From, To>(
  { hw, places }: Envelope<From>,
  form: (point: From) => To,
): Envelope<To> {
  return { hw, places: places.map(({ speed, answer }) => ({ speed, answer: answerWith(answer, form) })) };
}
