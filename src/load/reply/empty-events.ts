/** An event without output, which may or may not be a token without text. */
export interface EmptyEvent {
  readonly atMs: number;
  readonly choice: number;
  readonly kind: EmptyKind;
  /** The number of events with output before it. */
  readonly before: number;
  /** It ends a choice of the requested length; such an end is not a token itself. */
  readonly isByLength?: boolean | undefined;
}

export type EmptyKind =
  /** Only the role, as the first event of a choice. Never a token. */
  | 'opening'
  /** Empty: a token without text, or a heartbeat while the prompt is processed. */
  | 'empty'
  /** The end of a choice: the token that ended it, or an event that accompanies the last token. */
  | 'finish'
  /** It could not be read, so it may have contained a token. */
  | 'unreadable';

/** Bounds on when the first and last token of a reply arrived, whichever of its events were tokens. */
export interface TimeBounds {
  readonly firstMs: readonly [earliest: number, latest: number];
  readonly lastMs: readonly [earliest: number, latest: number];
  /** The number of gaps between tokens that may or may not exist. */
  readonly gaps: number;
}

export interface PlacedEvents {
  /** The events that count as tokens. */
  readonly chosen: readonly EmptyEvent[];
  /** Another selection would give other times, and nothing rules it out. */
  readonly isDoubtful: boolean;
  /** Set for a doubtful reply with one choice and visible output: its first token is in one of these events. */
  readonly bounds?: TimeBounds;
  /** Only the end of a reply of several tokens arrived: the time of its first token is unknown. */
  readonly hidesFirst: boolean;
  /** There is no total, and some events may have been tokens: their number is unknown. */
  readonly isCountless: boolean;
}

/** An end within this share of a usual gap after the last token belongs to that token. */
const besideLastTokenShare = 0.25;
/** An end later than this many usual gaps after the last token was probably not a token. */
const mostUsualGaps = 3;
/** Assumed gap if a reply has a single event with output. */
const unknownGapMs = 4;
/** Gaps within this share of the usual gap belong to the same rhythm. */
const rhythmTolerance = 0.2;
const sameInstantMs = 0.05;

const nonePlaced: PlacedEvents = { chosen: [], isDoubtful: false, hidesFirst: false, isCountless: false };

/**
 * Decides which events without output were tokens, based on the server's total. With `total` tokens and one token for
 * each event with output (at `outputsMs`, ascending), `total − outputs` tokens remain for them. Engines send such
 * events for tokens without text (special tokens, halves of characters), for progress in processing the prompt, which
 * comes only before the first token, and as the end of a reply.
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

/** Handles a reply without visible output. */
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
    // If some events carry several tokens, the empty ones before the text need not have carried any.
    const hasBundles = own.length < left;
    const areTokens =
      leading.length === 0 || (!hasBundles && (among.length > 0 || haveRhythm(leading, outputsMs, usualMs)));
    const chosen = hasBundles ? [...among, ...trailing] : own;
    const isDoubtful = !areTokens || isLate;
    return isDoubtful ? { chosen, isDoubtful, bounds: boundsOf(own, outputsMs) } : { chosen, isDoubtful };
  }
  // Not all of them were tokens: prefer those among the output, then the end, then those right before the output.
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

/**
 * Whether events before the text arrived like tokens: at the pace of the text after them, or with that of another
 * choice.
 */
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

/** The mean gap between the outputs; undefined for a single one. */
function usualGapMs(outputsMs: Float64Array): number | undefined {
  const [firstMs, lastMs] = [outputsMs[0], outputsMs.at(-1)];
  if (firstMs === undefined || lastMs === undefined || outputsMs.length < 2) return undefined;
  return (lastMs - firstMs) / (outputsMs.length - 1);
}
