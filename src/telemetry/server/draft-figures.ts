import { increaseIn, increasesByLabel, type MetricTexts } from './increases.ts';
import type { EngineQuantity, MetricNames, ServerCounter } from './metric-names.ts';
import { presentName, samplesOf } from './samples.ts';

/** Speculative decoding over a window, by the server's own count. Every figure is null if it cannot be computed. */
export interface DraftFigures {
  /** `gauges`: the server only publishes its most recent means. */
  readonly from: 'counters' | 'gauges';
  readonly drafted_tokens: number | null;
  readonly accepted_tokens: number | null;
  /** Verification steps. */
  readonly drafts: number | null;
  /** Share of drafted tokens that were accepted, 0 to 1. */
  readonly acceptance: number | null;
  /** Mean tokens per verification step, its own token included. */
  readonly acceptance_length: number | null;
  /** For each position in drafts, the share of drafts whose token there was accepted. */
  readonly acceptance_by_position: readonly number[] | null;
}

/** The figures between two readings; null if nothing was drafted or the server does not count it. Throws CounterReset. */
export function draftFigures(texts: MetricTexts, names: MetricNames): DraftFigures | null {
  const drafted = increaseOf(texts, names, 'specDraftedTokens');
  // Gauges keep their last means while nothing is drafted.
  if (drafted === 0) return null;
  return (drafted === null ? null : fromCounters(texts, names, drafted)) ?? fromGauges(texts, names);
}

function increaseOf(
  texts: MetricTexts,
  { names }: MetricNames,
  counter: ServerCounter | EngineQuantity,
): number | null {
  const name = names[counter];
  return name === undefined ? null : increaseIn(texts, name);
}

/** The figures with means over the window in place of the most recent ones. */
export function overWindow(
  figures: DraftFigures,
  means: { readonly acceptance: number | undefined; readonly length: number | undefined },
): DraftFigures {
  if (figures.from === 'counters') return figures;
  return {
    ...figures,
    acceptance: means.acceptance ?? figures.acceptance,
    acceptance_length: means.length ?? figures.acceptance_length,
  };
}

function fromCounters(texts: MetricTexts, metrics: MetricNames, drafted: number): DraftFigures | null {
  const { names, draftPositions } = metrics;
  const accepted = increaseOf(texts, metrics, 'specAcceptedTokens');
  if (accepted === null) return null;
  const labelled =
    draftPositions === undefined
      ? new Map<number, number>()
      : increasesByLabel(texts, draftPositions.name, draftPositions.label);
  const steps =
    draftPositions?.by === 'accepted' ? sum(labelled.values()) : increaseOf(texts, metrics, 'specDrafts');
  const drafts = steps === null || steps === 0 ? null : steps;
  return {
    from: 'counters',
    drafted_tokens: drafted,
    accepted_tokens: accepted,
    drafts,
    acceptance: accepted / drafted,
    acceptance_length:
      drafts === null ? gauge(texts.after, names.specAcceptanceLength) : 1 + accepted / drafts,
    acceptance_by_position:
      drafts === null || draftPositions === undefined || labelled.size === 0
        ? null
        : positionsOf(labelled, draftPositions.by).map((count) => count / drafts),
  };
}

/** Accepted tokens at each position. */
function positionsOf(labelled: ReadonlyMap<number, number>, by: 'position' | 'accepted'): number[] {
  const last = Math.max(...labelled.keys());
  if (by === 'position') return Array.from({ length: last + 1 }, (_, at) => labelled.get(at) ?? 0);
  return Array.from({ length: last }, (_, at) =>
    sum([...labelled].filter(([accepted]) => accepted > at).map(([, steps]) => steps)),
  );
}

/** The most recent means, if the server drafted at all. */
function fromGauges(texts: MetricTexts, metrics: MetricNames): DraftFigures | null {
  const { names } = metrics;
  const { after } = texts;
  const drafts = increaseOf(texts, metrics, 'specDrafts');
  if (drafts === 0) return null;
  const [acceptance, length] = [gauge(after, names.specAcceptance), gauge(after, names.specAcceptanceLength)];
  // Both are 0 in a server that drafts nothing.
  if ((acceptance ?? 0) === 0 && (length ?? 0) === 0) return null;
  return {
    from: 'gauges',
    drafted_tokens: null,
    accepted_tokens: null,
    drafts,
    acceptance,
    acceptance_length: length,
    acceptance_by_position: null,
  };
}

/** The mean over a gauge's label sets, such as the data-parallel ranks; null if the server does not have it. */
function gauge(texts: readonly string[], name: MetricNames['names']['specAcceptance']): number | null {
  const present = name === undefined ? undefined : presentName(texts, name);
  if (present === undefined) return null;
  const values = samplesOf(texts, present).map(({ value }) => value);
  return sum(values) / values.length;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
