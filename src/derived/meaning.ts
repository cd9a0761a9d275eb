/**
 * A published figure whose meaning changed. CHANGELOG.md lists the same changes in the same words, and a
 * test compares them.
 */
export interface MeaningChange {
  /** The first version that measures or computes the figure in the new way. */
  readonly since: string;
  /**
   * `measurement`: older measurements keep the old meaning. `page`: the page shows all points in the new way.
   */
  readonly of: 'measurement' | 'page';
  /** The figure and how it changed. */
  readonly figure: string;
  readonly text: string;
}

/** Newest version first, in the order of the changelog. */
export const meaningChanges: readonly MeaningChange[] = [
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'TTFT, ITL, TPOT and E2EL',
    text: 'come from arrivals: events that brought a token of any kind (text, reasoning, tool calls, refusals, audio). Before, only text counted, so a reply that reasoned first had a TTFT that was too long. The time to the first visible text has its own figure, `first_text`.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'A reply of one token',
    text: 'has no TPOT and no ITL. Before, it could have a gap.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'A reply ends where its protocol ends it',
    text: ', at `[DONE]` or at the last finish reason with its usage, and no longer when the connection closes.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'The duration of a test',
    text: 'ends with the last reply that completed. It no longer includes the wait for stalled streams; a wait of more than 0.1 s makes the result suspect.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'Failures inside a 200',
    text: ', such as an error event or a finish reason `abort`, `error` or `content_filter`, count as failures.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'Token counts that cannot be right',
    text: ', such as zeros, negative numbers or a usage below what was received, are not used. Unknown figures, and figures derived from them, are `null` in results, rows, the store and the page. Before, they were 0.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'TTFT of the first requests',
    text: 'of a test with many streams is timestamped before any response is parsed. Before, with 1,024 cold streams, the median was about 20 ms too long.',
  },
  {
    since: '0.2.0',
    of: 'page',
    figure: 'Answers on the page',
    text: 'are computed from points at the requested speed, within one configuration that a server can run, and with a limit on TTFT. Before, they came from the nearest precomputed level and could lie between two different servers.',
  },
  {
    since: '0.2.0',
    of: 'page',
    figure: 'Prices and power',
    text: 'are as of August 2026, rental prices as of September 2026.',
  },
  {
    since: '0.2.0',
    of: 'page',
    figure: 'The verdict',
    text: 'of a measurement without problems is `checked`; before, it was `valid`. Results imported from other tools are `unchecked`, no longer `suspect`.',
  },
  {
    since: '0.2.0',
    of: 'page',
    figure: 'What changed in the week',
    text: 'compares with a measurement that is at most 30 days older. On the History page, a result that is only interpolated between other concurrencies of the same server is neither a gain nor a loss.',
  },
  {
    since: '0.2.0',
    of: 'page',
    figure: 'Success rates',
    text: 'on the Reliability page cover the same period for all hardware, by default the last 90 days, and are shown by week instead of as counts by day. The API has them as `periods`.',
  },
  {
    since: '0.2.0',
    of: 'page',
    figure: 'Hardware',
    text: 'has the dates of the newest point and of the newest score (`lastMeasuredAt`, `lastScoredAt`), the same as in Runs. `lastMeasuredAt` is `null` if the hardware has only scores.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'Speculative decoding with random prompts',
    text: 'is suspect unless the acceptance length was forced: the draft model saw random tokens.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'A point measured on an overloaded machine',
    text: "is suspect, and so is one whose server answered other clients or was restarted during the test, or whose client measured much more latency than the server's own metrics show.",
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'Power of an engine on several nodes',
    text: 'is that of all its nodes, or unknown. Before, telemetry of the first node was reported as that of all nodes.',
  },
  {
    since: '0.2.0',
    of: 'measurement',
    figure: 'Vendor-specific token counts',
    text: "are read: `usage` in a choice (Moonshot), in `x_groq` or under the newer names, reasoning tokens that are counted separately (xAI), and Anthropic's cached prompt tokens. A final message that repeats the whole reply (MiniMax) is not a token, and a reply that ends with `sensitive`, `unsafe` or a policy violation is a failure.",
  },
];

/**
 * The changes of meaning between two versions of InferenceMAX: points measured by these differ in more than
 * speed.
 */
export function meaningChangesBetween(one: string, other: string): readonly MeaningChange[] {
  const [first, last] = [one, other].map(partsOf).toSorted(compareParts);
  return meaningChanges.filter(({ since, of }) => {
    const at = partsOf(since);
    return of === 'measurement' && compareParts(first ?? [], at) < 0 && compareParts(at, last ?? []) <= 0;
  });
}

/**
 * The note for points that were measured by different versions; undefined if no meaning changed between
 * these. Points of other tools and of unknown versions are ignored.
 */
export function meaningNote(versions: Iterable<string | null>): string | undefined {
  const known = [...new Set(versions)].filter((version) => version !== null).toSorted(compareVersions);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const changes = meaningChangesBetween(first, last);
  if (changes.length === 0) return undefined;
  const figures = changes.map(({ figure }) => lowerFirst(figure)).join('; ');
  return `Some of these points were measured by version ${first}, some by ${last}. These figures changed their meaning in between: ${figures}. See the changelog.`;
}

function compareVersions(one: string, other: string): number {
  return compareParts(partsOf(one), partsOf(other));
}

/** Pre-releases count as their release: `0.2.0-dev` as 0.2.0. */
function partsOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number);
}

function compareParts(one: readonly number[], other: readonly number[]): number {
  for (let place = 0; place < Math.max(one.length, other.length); place++) {
    const difference = (one[place] ?? 0) - (other[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Lower-cases the first letter for the middle of a sentence (`A reply`), but not in abbreviations. */
function lowerFirst(text: string): string {
  return /^[A-Z](?![A-Z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
