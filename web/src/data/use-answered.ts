import { useMemo, useRef } from 'preact/hooks';
import { envelopesOf } from '../../../src/derived/envelope.ts';
import { isUsual, needOf, type QuestionValues } from '../state/question.ts';
import { answerIn, type ShownAnswer } from './shown-answer.ts';
import { loadDocument } from './source.ts';
import { type DecisionBasis, type IndexShape, useBasis, useDecidedOf } from './use-decision.ts';
import { type Loaded, shownOf, useLoaded } from './use-loaded.ts';

/**
 * The answer to a question. The usual one is answered by a document, so that the first page needs no points; for any
 * other question the points are loaded, and the last answer stays until then.
 */
export function useAnswered(shape: IndexShape | undefined, values: QuestionValues): Loaded<ShownAnswer> {
  const ofDocument = isUsual(values);
  const usual = useLoaded(ofDocument ? shape?.key : undefined, async () =>
    answerIn(await loadDocument(`answers/${shape?.key ?? ''}`)),
  );
  const basis = useBasis(ofDocument ? undefined : shape);
  const made = useMade(ofDocument ? undefined : shownOf(basis), values);
  const asked = useMemo(() => loadedAs(basis, made), [basis, made]);
  return useLastShown(ofDocument ? usual : asked);
}

/** The same, computed from points. */
function useMade(basis: DecisionBasis | undefined, values: QuestionValues): ShownAnswer | undefined {
  const decided = useDecidedOf(basis, values);
  const { speedStatistic, ttftMs, ttftStatistic, tokens, arrival } = needOf(values, 0);
  const readings = decided?.readings;
  const envelopes = useMemo(
    () => envelopesOf(readings ?? [], { speedStatistic, ttftMs, ttftStatistic, tokens, arrival }),
    [readings, speedStatistic, ttftMs, ttftStatistic, tokens, arrival],
  );
  return useMemo(
    () =>
      decided && {
        shape: decided.basis.shape,
        need: needOf(values, decided.speed),
        decision: decided.decision,
        envelopes,
      },
    [decided, values, envelopes],
  );
}

function loadedAs(basis: Loaded<DecisionBasis>, made: ShownAnswer | undefined): Loaded<ShownAnswer> {
  if (basis.state === 'failed') return basis;
  return basis.state === 'ready' && made !== undefined
    ? { state: 'ready', value: made }
    : { state: 'loading', stale: made };
}

/** Keeps the last answer until the next one is ready, whichever way that is computed. */
function useLastShown(loaded: Loaded<ShownAnswer>): Loaded<ShownAnswer> {
  const last = useRef<ShownAnswer>(undefined);
  last.current = shownOf(loaded) ?? last.current;
  const { current } = last;
  return useMemo(
    () => (loaded.state === 'loading' ? { state: 'loading', stale: current } : loaded),
    [loaded, current],
  );
}
