import type { RawResult } from '../../src/load/index.ts';
import { type Exchange, total } from './exchange.ts';
import { plainExchange } from './plain.ts';
import type { Performance } from './play.ts';
import type { Played } from './replay-server.ts';

/** Rounding of lists in seconds and of gaps in single precision, milliseconds. */
const roundingMs = 0.02;

/** Reasons of the verdict that are the machine's, or that follow from a failed request. */
const otherReasons = /event loop|threads used|asked streams|requests failed|sent late|late at p99/;

/** How what the client reported differs from the truth, in sentences; empty if it does not. */
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
  const error = result.errors?.[index] ?? '';
  const completed = result.completed === 2 || (result.completed === 1 && error === '');
  if (!completed) {
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
    ...(truth.wrongIfDoubted && reasons.length > 0 ? [] : figures),
    ...doubtDifferences(exchange, reasons),
  ];
}

function doubtDifferences({ truth, backend }: Exchange, reasons: readonly string[]): string[] {
  const expected = [...truth.doubts, ...plainExchange(backend).truth.doubts];
  const missing = truth.doubts.filter((doubt) => !reasons.some((reason) => doubt.test(reason)));
  const allowed = [...expected, ...(truth.mayDoubt === undefined ? [] : [truth.mayDoubt])];
  const surplus = reasons.filter((reason) => !allowed.some((doubt) => doubt.test(reason)));
  return [
    ...missing.map((doubt) => `the verdict has no reason like ${doubt}, only ${JSON.stringify(reasons)}`),
    ...(truth.wrongIfDoubted ? [] : surplus.map((reason) => `the verdict has the reason "${reason}"`)),
  ];
}

function outcomeOf({ errors }: RawResult, index: number): string[] {
  const error = errors?.[index] ?? '';
  return error === '' ? [] : [`it failed with ${JSON.stringify(error)}`];
}

function completedDifferences(
  exchange: Exchange,
  result: RawResult,
  index: number,
  played: Played | undefined,
): string[] {
  const ttftS = result.ttfts?.[index];
  if (played === undefined || ttftS === undefined) return ['there is no time to its first token'];
  const { truth, pieces } = exchange;
  const brings = pieces.flatMap(({ tokens }, at) => (total(tokens) > 0 ? [at] : []));
  const [first] = brings;
  const last = brings.at(-1);
  if (first === undefined || last === undefined) return [];
  const firstMs = played.sentMs + 1000 * ttftS;
  const gapsMs = (result.itls?.[index] ?? []).map((gapS) => 1000 * gapS);
  const lastMs = firstMs + gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
  const arrival = (what: string, atMs: number, at: number): string[] => {
    const seen = pieceAt(played, atMs);
    return seen === at ? [] : [`${what} came with piece ${seen}, not ${at}`];
  };
  const single = pieces.every(({ tokens }) => tokens.length <= 1);
  return [
    ...counts('output tokens', result.output_lens?.[index], truth.outputTokens, truth.doubts.length > 0),
    ...counts('prompt tokens', result.input_lens?.[index], truth.promptTokens, false),
    ...arrival('the first token', firstMs, first),
    ...(single && gapsMs.length > 0 ? arrival('the last token', lastMs, last) : []),
    ...(truth.tellsEveryGap ? gapDifferences(exchange, played, firstMs, gapsMs) : []),
  ];
}

/** Every token came with its piece. */
function gapDifferences({ pieces }: Exchange, played: Played, firstMs: number, gapsMs: number[]): string[] {
  const choices = Math.max(...pieces.map(({ tokens }) => tokens.length));
  if (choices > 1) return severalDifferences(pieces, played, gapsMs, choices);
  const first = pieces.findIndex(({ tokens }) => total(tokens) > 0);
  // What came together at first has no gaps: nothing was waited for between.
  const places = pieces.flatMap(({ tokens }, at) =>
    new Array<number>(at === first ? 1 : total(tokens)).fill(at),
  );
  if (gapsMs.length !== places.length - 1)
    return [
      `there are ${gapsMs.length} gaps, and ${places.length - 1} tokens after the first piece with one`,
    ];
  const problems: string[] = [];
  let atMs = firstMs;
  for (const [index, gapMs] of gapsMs.entries()) {
    atMs += gapMs;
    const place = places[index + 1];
    const seen = pieceAt(played, atMs);
    // Several tokens of one piece share its gap, so only the last of them comes at its time.
    const isLastOfPiece = place !== places[index + 2];
    if (place !== undefined && isLastOfPiece && seen !== place)
      problems.push(`gap ${index + 1} ended with piece ${seen}, not ${place}`);
  }
  return problems.slice(0, 3);
}

/** Gaps of several choices are pooled: as many, and as long in sum, as those within the choices. */
function severalDifferences(
  pieces: Exchange['pieces'],
  played: Played,
  gapsMs: readonly number[],
  choices: number,
): string[] {
  let expectedGaps = 0;
  let shortestMs = 0;
  let longestMs = 0;
  for (let choice = 0; choice < choices; choice++) {
    const brings = pieces.flatMap(({ tokens }, at) => ((tokens[choice] ?? 0) > 0 ? [at] : []));
    expectedGaps += Math.max(0, pieces.reduce((sum, { tokens }) => sum + (tokens[choice] ?? 0), 0) - 1);
    const [firstFrom = 0, firstTo = 0] = windowOf(played, brings[0]);
    const [lastFrom = 0, lastTo = 0] = windowOf(played, brings.at(-1));
    if (brings.length < 2) continue;
    shortestMs += lastFrom - firstTo;
    longestMs += lastTo - firstFrom;
  }
  const sumMs = gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
  return [
    ...(gapsMs.length === expectedGaps
      ? []
      : [`there are ${gapsMs.length} gaps, not the ${expectedGaps} within its choices`]),
    ...(sumMs >= shortestMs - roundingMs && sumMs <= longestMs + roundingMs
      ? []
      : [`its gaps are ${sumMs} ms in sum, not ${shortestMs} to ${longestMs} ms`]),
  ];
}

/** From when a piece was written to when the next thing was. */
function windowOf(played: Played, at: number | undefined): [number, number] {
  const fromMs = played.writtenMs.get(at ?? -1) ?? 0;
  const later = [...played.writtenMs.values()].filter((writtenMs) => writtenMs > fromMs);
  return [fromMs, Math.min(...later, fromMs + 60_000)];
}

/** The last piece that was written before a time. */
function pieceAt({ writtenMs }: Played, atMs: number): number {
  let found = -2;
  for (const [piece, fromMs] of writtenMs) if (fromMs <= atMs + roundingMs) found = Math.max(found, piece);
  return found;
}

function counts(
  what: string,
  told: number | null | undefined,
  truth: number | null,
  orUnknown: boolean,
): string[] {
  const known = told ?? null;
  if (known === truth || (orUnknown && known === null)) return [];
  return [`${known ?? 'unknown'} ${what} are told, not ${truth ?? 'unknown'}`];
}
