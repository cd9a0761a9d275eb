/** An event of a choice that carried no output: perhaps a token without text, perhaps none. */
export interface EmptyEvent {
  readonly atMs: number;
  readonly choice: number;
  readonly kind: EmptyKind;
  /** How many events with output came before it. */
  readonly before: number;
  /** It is the end of a choice that was as long as asked: such an end is no token by itself. */
  readonly isByLength?: boolean | undefined;
}

export type EmptyKind =
  /** The role alone, as the first event of a choice. Never a token. */
  | 'opening'
  /** Nothing at all: a token without text, or a sign of life while the prompt is processed. */
  | 'empty'
  /** The end of a choice: the token that ended it, or an event beside the last token. */
  | 'finish'
  /** It could not be read, so it may have held a token. */
  | 'unreadable';

/** Between which moments the first and the last token of a reply came, whichever of its events were tokens. */
export interface TimeBounds {
  readonly firstMs: readonly [earliest: number, latest: number];
  readonly lastMs: readonly [earliest: number, latest: number];
  /** Gaps between tokens that may be there or not. */
  readonly gaps: number;
}

export interface PlacedEvents {
  /** Those that count as tokens. */
  readonly chosen: readonly EmptyEvent[];
  /** Another choice among them would give other times, and nothing rules it out. */
  readonly isDoubtful: boolean;
  /** Of a doubtful reply of one choice, each of whose events brought one token at most. */
  readonly bounds?: TimeBounds;
  /** The only arrival is the end of a reply of several tokens: its first token is not known. */
  readonly hidesFirst: boolean;
  /** There is no total, and events came that may have been tokens: their number is not known. */
  readonly isCountless: boolean;
}

/** An end within this share of a usual gap after the last token came with it, not as a token of its own. */
const besideLastTokenShare = 0.25;
/** An end that came later than this many usual gaps after the last token was hardly one. */
const mostUsualGaps = 3;
/** Stands for the usual gap after a reply's only event with output. */
const unknownGapMs = 4;
/** How far gaps between tokens differ from the usual one, as a share of it, if they are of one rhythm. */
const rhythmTolerance = 0.2;
const sameInstantMs = 0.05;

const nonePlaced: PlacedEvents = { chosen: [], isDoubtful: false, hidesFirst: false, isCountless: false };

/**
 * Which events without output were tokens, as far as the server's total says: with `total` tokens and one token for
 * each event with output (at `outputsMs`, ascending), `total − outputs` are left for them. Engines send such events for
 * tokens without text (special tokens, halves of characters) as well as for parts of a prompt's processing, which come
 * before the first token only, and as the end of a reply.
 */
export function placeEmptyEvents(
  empties: readonly EmptyEvent[],
  outputsMs: Float64Array,
  total: number | undefined,
): PlacedEvents {
  // Nearly all replies: every token was an event with output.
  if (total !== undefined && total <= outputsMs.length) return nonePlaced;
  const candidates = empties.filter(({ kind }) => kind !== 'opening');
  if (total === undefined) {
    const isCountless = candidates.some(({ kind }) => kind !== 'finish');
    return { chosen: [], isDoubtful: isCountless, hidesFirst: false, isCountless };
  }
  const placed =
    outputsMs.length === 0 ? placeAlone(candidates, total) : placeAmong(candidates, outputsMs, total);
  return { hidesFirst: false, isCountless: false, ...placed };
}

type Placed = Pick<PlacedEvents, 'chosen' | 'isDoubtful' | 'bounds'> &
  Partial<Pick<PlacedEvents, 'hidesFirst'>>;

/** A reply of which nothing is visible. */
function placeAlone(candidates: readonly EmptyEvent[], total: number): Placed {
  const others = candidates.filter(({ kind }) => kind !== 'finish');
  if (others.length === 0) {
    return { chosen: candidates.slice(0, total), isDoubtful: total > 1, hidesFirst: total > 1 };
  }
  if (candidates.length <= total) return { chosen: candidates, isDoubtful: candidates.length < total };
  const tokens = others.length >= total ? others : candidates;
  return { chosen: tokens.slice(-total), isDoubtful: tokens.length > total };
}

function placeAmong(candidates: readonly EmptyEvent[], outputsMs: Float64Array, total: number): Placed {
  const left = total - outputsMs.length;
  const usualMs = usualGapMs(outputsMs) ?? unknownGapMs;
  const lastMs = outputsMs.at(-1) ?? Number.NaN;
  const own = candidates.filter(
    ({ kind, atMs }) => !(kind === 'finish' && Math.abs(atMs - lastMs) <= besideLastTokenShare * usualMs),
  );
  if (own.length === 0) return { chosen: [], isDoubtful: false };
  const leading = own.filter(({ before, kind }) => before === 0 && kind !== 'finish');
  const trailing = own.filter((event) => !leading.includes(event) && event.atMs > lastMs);
  const among = own.filter((event) => !leading.includes(event) && !trailing.includes(event));
  const isLate =
    trailing.some(({ atMs }) => atMs - lastMs > mostUsualGaps * usualMs) ||
    own.every(({ isByLength }) => isByLength === true);
  if (own.length <= left) {
    // If some events bring several tokens, the empty ones before the text need not have brought any.
    const hasBundles = own.length < left;
    const areTokens =
      leading.length === 0 || (!hasBundles && (among.length > 0 || haveRhythm(leading, outputsMs, usualMs)));
    const chosen = hasBundles ? [...among, ...trailing] : own;
    const isDoubtful = !areTokens || isLate;
    return isDoubtful && !hasBundles
      ? { chosen, isDoubtful, bounds: boundsOf(own, outputsMs) }
      : { chosen, isDoubtful };
  }
  // Not all of them were tokens: those among the output first, then the end, then those right before the output.
  const chosen = among.slice(0, left);
  chosen.push(...trailing.slice(0, left - chosen.length));
  const before = left - chosen.length;
  if (before > 0) chosen.push(...leading.slice(-before));
  if (leading.length + trailing.length === 0) return { chosen, isDoubtful: false };
  return { chosen, isDoubtful: true, bounds: boundsOf(own, outputsMs) };
}

function boundsOf(candidates: readonly EmptyEvent[], outputsMs: Float64Array): TimeBounds {
  const [firstMs = Number.NaN, lastMs = Number.NaN] = [outputsMs[0], outputsMs.at(-1)];
  const timesMs = candidates.map(({ atMs }) => atMs);
  return {
    firstMs: [Math.min(firstMs, ...timesMs), firstMs],
    lastMs: [lastMs, Math.max(lastMs, ...timesMs)],
    gaps: candidates.length,
  };
}

/** Whether events before the text came like tokens: as fast as the text after them, or with that of another choice. */
function haveRhythm(leading: readonly EmptyEvent[], outputsMs: Float64Array, usualMs: number): boolean {
  const alone = leading.filter(
    ({ atMs }) => !outputsMs.some((outputMs) => Math.abs(outputMs - atMs) <= sameInstantMs),
  );
  const timesMs = [...alone.map(({ atMs }) => atMs), outputsMs[0] ?? Number.NaN];
  return alone.every((_, index) => {
    const gapMs = (timesMs[index + 1] ?? Number.NaN) - (timesMs[index] ?? Number.NaN);
    return outputsMs.length > 2 && Math.abs(gapMs - usualMs) <= rhythmTolerance * usualMs;
  });
}

/** The mean gap between the outputs; undefined for one. */
function usualGapMs(outputsMs: Float64Array): number | undefined {
  const [firstMs, lastMs] = [outputsMs[0], outputsMs.at(-1)];
  if (firstMs === undefined || lastMs === undefined || outputsMs.length < 2) return undefined;
  return (lastMs - firstMs) / (outputsMs.length - 1);
}
