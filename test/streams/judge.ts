import type { RawResult } from '../../src/load/index.ts';
import { type Exchange, type ExchangeTruth, total } from './exchange.ts';
import type { Performance } from './performance.ts';
import { plainExchange } from './plain.ts';
import type { Played } from './replay-server.ts';

/**
 * Tolerance for rounding (lists in seconds, gaps in single precision) and for the client's clock resolution,
 * milliseconds.
 */
const roundingMs = 0.06;

/** Reasons in the verdict that are due to the machine or follow from a failed request. */
const otherReasons = /event loop|threads used|requested streams|requests failed|sent late|late at p99/;

/** Differences between the client's report and the truth, in sentences; empty if there are none. */
export function differences({
  exchange,
  result,
  error,
  played,
  plainPlayed,
  index,
}: Performance): readonly string[] {
  if (result === undefined) return [`the whole test failed: ${error?.message ?? 'no result'}`];
  if (result.partial === true) return ['the client did not come to an end'];
  const plain = plainExchange(exchange.backend);
  const plainIndex = 1 - index;
  const afterwards = [
    ...outcomeOf(result, plainIndex),
    ...completedDifferences(plain, result, plainIndex, plainPlayed.at(-1)),
  ].map((difference) => `in the plain reply: ${difference}`);
  const reasons = result.fidelity.reasons.filter((reason) => !otherReasons.test(reason));
  return [...afterwards, ...ownDifferences(exchange, result, index, played.at(-1), reasons)];
}

function ownDifferences(
  exchange: Exchange,
  result: RawResult,
  index: number,
  played: Played | undefined,
  reasons: readonly string[],
): readonly string[] {
  const { truth } = exchange;
  const error = failureOf(result, index);
  if (error !== undefined) {
    if (truth.orRefused?.test(error) === true) return [];
    if (truth.failure === undefined) return [`it failed with ${JSON.stringify(error)}, and is good`];
    const [troubleClass = '', ...words] = error.split(': ');
    return [
      ...(truth.failure.troubleClass.test(troubleClass)
        ? []
        : [`it failed as ${JSON.stringify(troubleClass)}, expected ${truth.failure.troubleClass}`]),
      ...(truth.failure.words.test(words.join(': '))
        ? []
        : [`the failure says ${JSON.stringify(words.join(': '))}, expected ${truth.failure.words}`]),
    ];
  }
  if (truth.failure !== undefined) return [`it completed, and is a failure (${truth.failure.words})`];
  const figures = completedDifferences(exchange, result, index, played);
  return [
    ...(truth.wrongIfDoubted && reasons.length > 0
      ? []
      : [...figures, ...(choicesOf(exchange) > 1 ? [] : meanDifferences(result))]),
    ...doubtDifferences(exchange, reasons),
  ];
}

/** Checks that E2EL and TPOT of the whole test match those of its replies, from first tokens, gaps and lengths. */
function meanDifferences(result: RawResult): string[] {
  const { ttfts = [], itls = [], output_lens: lengths = [] } = result;
  const e2elsMs: number[] = [];
  const tpotsMs: number[] = [];
  for (const [index, ttftS] of ttfts.entries()) {
    if (failureOf(result, index) !== undefined || ttftS === null) continue;
    const spanMs = (itls[index] ?? []).reduce((sum, gapS) => sum + 1000 * gapS, 0);
    const tokens = lengths[index] ?? 0;
    e2elsMs.push(1000 * ttftS + spanMs);
    // Tokens that all arrived at once have no time between them.
    if (tokens > 1 && spanMs > 0) tpotsMs.push(spanMs / (tokens - 1));
  }
  return [
    ...meanDifference('E2EL', result.mean_e2el_ms, e2elsMs),
    ...meanDifference('TPOT', result.mean_tpot_ms, tpotsMs),
  ];
}

function meanDifference(name: string, told: number | null, samplesMs: readonly number[]): string[] {
  if (samplesMs.length === 0)
    return told === null ? [] : [`a mean ${name} of ${told} ms is reported, and no reply has one`];
  const meanMs = samplesMs.reduce((sum, sampleMs) => sum + sampleMs, 0) / samplesMs.length;
  return told !== null && Math.abs(told - meanMs) <= roundingMs
    ? []
    : [`the mean ${name} is ${told} ms, not ${meanMs} ms`];
}

function doubtDifferences(exchange: Exchange, reasons: readonly string[]): string[] {
  const { truth, backend } = exchange;
  const expected = doubtsOf(truth);
  const missing = expected.filter((doubt) => !reasons.some((reason) => doubt.test(reason)));
  const allowed = [...expected, ...doubtsOf(plainExchange(backend).truth), truth.mayDoubt];
  const surplus = reasons.filter((reason) => !allowed.some((doubt) => doubt?.test(reason) === true));
  return [
    ...missing.map((doubt) => `the verdict has no reason like ${doubt}, only ${JSON.stringify(reasons)}`),
    ...(truth.wrongIfDoubted ? [] : surplus.map((reason) => `the verdict has the reason "${reason}"`)),
  ];
}

/** The reasons that the verdict must give: those of the exchange, and that counts are missing. */
function doubtsOf({ doubts, promptTokens }: ExchangeTruth): readonly RegExp[] {
  return promptTokens === null ? [...doubts, /prompt length|input tokens/] : doubts;
}

function outcomeOf(result: RawResult, index: number): string[] {
  const error = failureOf(result, index);
  return error === undefined ? [] : [`it failed with ${JSON.stringify(error)}`];
}

/** Why a request failed, `class: message`; undefined if it did not: a note on a good reply is not a failure. */
function failureOf({ errors, troubles }: RawResult, index: number): string | undefined {
  const error = errors?.[index] ?? '';
  const [troubleClass] = error.split(': ');
  return troubles.some((trouble) => trouble.failed && trouble.class === troubleClass) ? error : undefined;
}

function completedDifferences(
  exchange: Exchange,
  result: RawResult,
  index: number,
  played: Played | undefined,
): string[] {
  const ttftS = result.ttfts?.[index];
  if (played === undefined || ttftS === undefined || ttftS === null)
    return ['there is no time to its first token'];
  const { truth } = exchange;
  const gapsMs = (result.itls?.[index] ?? []).map((gapS) => 1000 * gapS);
  return [
    ...counts('output tokens', result.output_lens?.[index], truth.outputTokens, truth.doubts.length > 0),
    ...counts('prompt tokens', result.input_lens?.[index], truth.promptTokens, false),
    ...firstDifferences(exchange, played, 1000 * ttftS),
    ...(choicesOf(exchange) > 1
      ? severalDifferences(exchange, played, gapsMs)
      : gapDifferences(exchange, played, gapsMs)),
  ];
}

function choicesOf({ pieces }: Exchange): number {
  return Math.max(1, ...pieces.map(({ tokens }) => tokens.length));
}

/** Checks that the first token came with its piece. */
function firstDifferences({ pieces }: Exchange, played: Played, ttftMs: number): string[] {
  const first = pieces.findIndex(({ tokens }) => total(tokens) > 0);
  const from = played.writtenMs.get(first);
  if (from === undefined) return [];
  const seen = lastWrittenBy(played, played.sentMs + ttftMs);
  return seen === first ? [] : [`the first token came with piece ${seen}, not ${first}`];
}

/** Checks that every gap ends with the piece that brought the token, and the last gap with the last piece. */
function gapDifferences({ pieces, truth }: Exchange, played: Played, gapsMs: readonly number[]): string[] {
  const first = pieces.findIndex(({ tokens }) => total(tokens) > 0);
  // Tokens that arrive together at the start have no gaps between them.
  const places = pieces.flatMap(({ tokens }, at) =>
    new Array<number>(at === first ? 1 : total(tokens)).fill(at),
  );
  const last = places.at(-1);
  if (last === undefined) return [];
  if (!truth.tellsEveryGap) {
    const sumMs = gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
    return gapsMs.length === 0 || isSpan(played, first, last, sumMs)
      ? []
      : [`the last token came ${sumMs} ms after the first, not with piece ${last}`];
  }
  if (gapsMs.length !== places.length - 1)
    return [
      `there are ${gapsMs.length} gaps, and ${places.length - 1} tokens after the first piece with one`,
    ];
  const problems: string[] = [];
  let sinceFirstMs = 0;
  for (const [index, gapMs] of gapsMs.entries()) {
    sinceFirstMs += gapMs;
    const place = places[index + 1];
    // Several tokens of one piece share its gap, so only the last of them comes at its time.
    if (place === undefined || place === places[index + 2]) continue;
    if (!isSpan(played, first, place, sinceFirstMs))
      problems.push(
        `gap ${index + 1} ends ${sinceFirstMs.toFixed(1)} ms after the first token, not with piece ${place}`,
      );
  }
  return problems.slice(0, 3);
}

/** Whether a time may be the one between the arrivals of two pieces. */
function isSpan({ writtenMs, readMs }: Played, from: number, to: number, spanMs: number): boolean {
  const at = (times: Map<number, number>, piece: number): number => times.get(piece) ?? Number.NaN;
  const shortestMs = Math.max(0, at(writtenMs, to) - at(readMs, from));
  const longestMs = at(readMs, to) - at(writtenMs, from);
  return spanMs >= shortestMs - roundingMs && spanMs <= longestMs + roundingMs;
}

/** Checks pooled gaps of several choices: their number and sum must match those within the choices. */
function severalDifferences(exchange: Exchange, played: Played, gapsMs: readonly number[]): string[] {
  const { pieces } = exchange;
  const choices = choicesOf(exchange);
  let expectedGaps = 0;
  let shortestMs = 0;
  let longestMs = 0;
  for (let choice = 0; choice < choices; choice++) {
    const brings = pieces.flatMap(({ tokens }, at) => new Array<number>(tokens[choice] ?? 0).fill(at));
    const [first] = brings;
    const last = brings.at(-1);
    if (first === undefined || last === undefined || first === last) continue;
    expectedGaps += brings.length - 1;
    shortestMs += (played.writtenMs.get(last) ?? 0) - (played.readMs.get(first) ?? 0);
    longestMs += (played.readMs.get(last) ?? 0) - (played.writtenMs.get(first) ?? 0);
  }
  const sumMs = gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
  return [
    ...(gapsMs.length === expectedGaps
      ? []
      : [`there are ${gapsMs.length} gaps, not the ${expectedGaps} within its choices`]),
    ...(sumMs >= shortestMs - roundingMs && sumMs <= longestMs + roundingMs
      ? []
      : [
          `its gaps are ${sumMs.toFixed(1)} ms in sum, not ${shortestMs.toFixed(1)} to ${longestMs.toFixed(1)} ms`,
        ]),
  ];
}

/** The last piece that was at least partly written by the given time. */
function lastWrittenBy({ writtenMs }: Played, atMs: number): number {
  let found = -1;
  for (const [piece, fromMs] of writtenMs) if (fromMs <= atMs + roundingMs) found = Math.max(found, piece);
  return found;
}

function counts(
  what: string,
  told: number | null | undefined,
  truth: number | null,
  orUnknown: boolean,
): string[] {
  // An unknown number is NaN in memory and null in JSON.
  const known = told === undefined || told === null || Number.isNaN(told) ? null : told;
  if (known === truth || (orUnknown && known === null)) return [];
  return [`${known ?? 'unknown'} ${what} are reported, not ${truth ?? 'unknown'}`];
}
