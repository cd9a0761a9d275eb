import { type Claim, type Figures, type LatencyMetric, metrics } from './claim.ts';
import { type Doubt, isClose, withoutLatencies } from './doubt.ts';

const titles: Readonly<Record<LatencyMetric, string>> = {
  ttft: 'TTFT',
  tpot: 'TPOT',
  itl: 'ITL',
  e2el: 'E2EL',
};

/** How far latencies may contradict each other before one of them is left out. */
const bounds = {
  /**
   * Mean TPOT or ITL over (E2EL − TTFT) / (tokens − 1). A mean over replies is above that of all tokens where short
   * replies are slow, and hardly ever below; ITL is above it where a chunk carries several tokens. Half of it is what
   * two counts for every token give.
   */
  perTokenShare: { low: 0.5, high: 10 },
  /** The same if only medians are known, which do not add up like means. */
  perTokenShareOfMedians: { low: 0.25, high: 10 },
  /** Mean ITL over mean TPOT, if E2EL is unknown. */
  itlOverTpot: { low: 0.1, high: 1000 },
  /** Mean or median TTFT over that of TPOT: a first token takes one step of the model, like every other token. */
  ttftOverTpot: 0.05,
  /** Mean over the highest percentile or maximum that is known. */
  meanOverHighest: 10,
  /** Any latency over the duration of the test, which begins before the first request and ends after the last. */
  overDuration: 1.5,
  /** Requests in flight by mean E2EL and rate, over the requested number, in a closed loop. */
  inFlightShare: { low: 0.02, high: 1.5 },
  /** Rounding, as a share. */
  rounding: 0.005,
} as const;

/** The doubts about latencies: each by itself, then against the others that are still plausible. */
export function doubtsOfLatencies(claim: Claim): readonly Doubt[] {
  // Without a reply there is no latency; tools then write 0.
  if (claim.completed === 0) {
    const isAny = metrics.some((metric) => claim.latencies[metric] !== undefined);
    return isAny
      ? [{ says: 'latencies of no reply are left out', leaves: withoutLatencies(...metrics) }]
      : [];
  }
  const doubts: Doubt[] = [];
  let left = claim;
  for (const check of [
    undefinedFigures,
    tokensAfterTheFirst,
    eachByItself,
    order,
    perToken,
    firstToken,
    inFlight,
  ]) {
    for (const doubt of check(left)) {
      doubts.push(doubt);
      if (doubt.leaves !== 'nothing') left = doubt.leaves(left);
    }
  }
  return doubts;
}

/** NaN means that a tool has no figure; the other figures of the latency may be right. */
function undefinedFigures(claim: Claim): Doubt[] {
  return metrics.flatMap((metric) => {
    const figures = claim.latencies[metric] ?? {};
    const missing = Object.keys(figures).filter((name) => !Number.isFinite(figures[name]));
    if (missing.length === 0) return [];
    const fields = missing.map((name) => stated(claim, metric, name)).join(', ');
    const known = Object.entries(figures).filter(([name]) => !missing.includes(name));
    const leaves = (rest: Claim): Claim => ({
      ...rest,
      latencies: { ...rest.latencies, [metric]: Object.fromEntries(known) },
    });
    return [{ says: `${fields}is not a number, and is dropped`, leaves }];
  });
}

function eachByItself(claim: Claim): Doubt[] {
  return metrics.flatMap((metric) => {
    const figures = claim.latencies[metric];
    const why = figures === undefined ? undefined : contradiction(claim, metric, figures);
    if (why === undefined) return [];
    return [{ says: `${why}: ${titles[metric]} is left out`, leaves: withoutLatencies(metric) }];
  });
}

/** Contradictions within the figures of one latency. */
function contradiction(claim: Claim, metric: LatencyMetric, figures: Figures): string | undefined {
  const say = (name: string): string => stated(claim, metric, name);
  const { mean, std, max } = figures;
  // The widest possible spread is that of a single nonzero sample.
  const samples = metric === 'itl' ? claim.outputTokens : claim.completed;
  if (mean !== undefined && std !== undefined && std > 1.05 * mean * Math.sqrt(samples))
    return `${say('std')}, too much for ${samples} samples of which ${say('mean')}`;
  for (const [name, value] of Object.entries(figures)) {
    if (name === 'std' ? value < 0 : value <= 0)
      return `${say(name)} with ${claim.outputTokens} output tokens in ${claim.completed} replies`;
    if (value > bounds.overDuration * 1000 * claim.durationS)
      return `${say(name)} in a test of ${claim.durationS} s`;
  }
  const ranked = byRank(figures);
  for (const [index, { name, share, value }] of ranked.entries()) {
    const next = ranked[index + 1];
    if (next !== undefined && value > next.value * (1 + bounds.rounding))
      return `${say(next.name)}, below ${say(name)}`;
    if (next?.share === share && !isClose(value, next.value)) return `${say(name)}, but ${say(next.name)}`;
    if (mean === undefined) continue;
    if (share === 0 && mean < value * (1 - bounds.rounding)) return `${say('mean')}, below ${say(name)}`;
    if (share === 1 && mean > value * (1 + bounds.rounding)) return `${say('mean')}, above ${say(name)}`;
    if (share === 0 || share === 1) continue;
    // A share of 1 - q of the samples is above the percentile q, so that the mean is above that part of it (Markov).
    if (mean < 0.95 * (1 - share) * value) return `${say('mean')}, too little beside ${say(name)}`;
    if (std === undefined) continue;
    // How far a percentile can be from the mean for a standard deviation (Cantelli), with room for its estimators.
    const above = 1.05 * std * Math.sqrt(share / (1 - share)) + bounds.rounding * mean;
    const below = 1.05 * std * Math.sqrt((1 - share) / share) + bounds.rounding * mean;
    if (value - mean > above || mean - value > below)
      return `${say(name)}, too far from ${say('mean')} for ${say('std')}`;
  }
  const highest = ranked.at(-1);
  if (mean === undefined || max !== undefined || highest === undefined) return undefined;
  return mean > bounds.meanOverHighest * highest.value
    ? `${say('mean')}, far above ${say(highest.name)}`
    : undefined;
}

interface Ranked {
  readonly name: string;
  /** The share of samples that are below: 0.5 of the median, 0 of the minimum. */
  readonly share: number;
  readonly value: number;
}

/** Minimum, percentiles and maximum, in the order in which their values must increase. */
function byRank(figures: Figures): Ranked[] {
  return Object.entries(figures)
    .map(([name, value]) => ({ name, value, share: shareOf(name) }))
    .filter((figure) => figure.share !== undefined)
    .map(({ name, value, share = Number.NaN }) => ({ name, value, share }))
    .toSorted((a, b) => a.share - b.share);
}

const shares: Readonly<Record<string, number>> = { min: 0, median: 0.5, max: 1 };

function shareOf(name: string): number | undefined {
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(name)?.[1];
  return shares[name] ?? (percent === undefined ? undefined : Number(percent) / 100);
}

/** One-token replies have no time between tokens. */
function tokensAfterTheFirst({ completed, outputTokens, latencies }: Claim): Doubt[] {
  const between = (['tpot', 'itl'] as const).filter((metric) => latencies[metric] !== undefined);
  if (outputTokens > completed || between.length === 0) return [];
  const names = between.map((metric) => titles[metric]).join(' or ');
  const says = `total_output_tokens is ${outputTokens} in ${completed} replies: replies of one token have no ${names}`;
  return [{ says, leaves: withoutLatencies(...between) }];
}

/** No reply ends before its first token, so E2EL is at least TTFT for the mean, the median and every percentile. */
function order(claim: Claim): Doubt[] {
  const { ttft, e2el } = claim.latencies;
  if (ttft === undefined || e2el === undefined) return [];
  const name = Object.keys(ttft).find((figure) => {
    const [first, last] = [ttft[figure], e2el[figure]];
    return (
      figure !== 'std' && first !== undefined && last !== undefined && last < first * (1 - bounds.rounding)
    );
  });
  if (name === undefined) return [];
  const says = `${stated(claim, 'e2el', name)}, below ${stated(claim, 'ttft', name)}: both and TPOT are dropped`;
  return [{ says, leaves: withoutLatencies('ttft', 'e2el', 'tpot') }];
}

/** TPOT is (E2EL − TTFT) / (tokens − 1), and no gap between tokens is on average shorter. */
function perToken(claim: Claim): Doubt[] {
  const { ttft, tpot, itl, e2el } = claim.latencies;
  const after = claim.outputTokens / claim.completed - 1;
  const figure = [ttft, e2el].every((figures) => figures?.mean !== undefined) ? 'mean' : 'median';
  const [first, last] = [ttft?.[figure], e2el?.[figure]];
  if (first === undefined || last === undefined || after < 1) return itlBesideTpot(claim);
  const expected = (last - first) / after;
  const { low, high } = figure === 'mean' ? bounds.perTokenShare : bounds.perTokenShareOfMedians;
  const tellsGaps = [
    { metric: 'tpot' as const, value: tpot?.[figure], most: high },
    // The median of gaps is not evidence: if tokens arrive in pairs, it is close to 0.
    { metric: 'itl' as const, value: figure === 'mean' ? itl?.mean : undefined, most: Math.max(high, after) },
  ];
  return tellsGaps.flatMap(({ metric, value, most }) => {
    if (value === undefined || (value >= low * expected && value <= most * expected)) return [];
    const between = `${stated(claim, 'e2el', figure)} and ${stated(claim, 'ttft', figure)} with ${rounded(after + 1)} tokens a reply`;
    const says = `${stated(claim, metric, figure)}, but ${rounded(expected)} ms follows, as ${between}: ${titles[metric]} is left out`;
    return [{ says, leaves: withoutLatencies(metric) }];
  });
}

function itlBesideTpot(claim: Claim): Doubt[] {
  const [gap, perToken] = [claim.latencies.itl?.mean, claim.latencies.tpot?.mean];
  if (gap === undefined || perToken === undefined) return [];
  const { low, high } = bounds.itlOverTpot;
  if (gap >= low * perToken && gap <= high * perToken) return [];
  const says = `${stated(claim, 'itl', 'mean')}, but ${stated(claim, 'tpot', 'mean')}: both are dropped`;
  return [{ says, leaves: withoutLatencies('itl', 'tpot') }];
}

function firstToken(claim: Claim): Doubt[] {
  const { ttft, tpot } = claim.latencies;
  const figure = (['mean', 'median'] as const).find((name) => {
    const [first, perToken] = [ttft?.[name], tpot?.[name]];
    return first !== undefined && perToken !== undefined && first < bounds.ttftOverTpot * perToken;
  });
  if (figure === undefined) return [];
  const says = `${stated(claim, 'ttft', figure)}, far below ${stated(claim, 'tpot', figure)}: both are dropped`;
  return [{ says, leaves: withoutLatencies('ttft', 'tpot') }];
}

/** Requests in flight on average are their rate times how long they take (Little's law). */
function inFlight(claim: Claim): Doubt[] {
  const { maxConcurrency, completed, outputTokens, durationS, requestRate, latencies } = claim;
  const { ttft, tpot, e2el } = latencies;
  const byParts =
    ttft?.mean === undefined || tpot?.mean === undefined
      ? undefined
      : ttft.mean + (outputTokens / completed - 1) * tpot.mean;
  const lasting = e2el?.mean ?? byParts;
  if (lasting === undefined || maxConcurrency === null) return [];
  const flying = ((lasting / 1000) * completed) / durationS;
  const lasts =
    e2el?.mean === undefined
      ? `TTFT and TPOT of ${rounded(lasting)} ms a reply`
      : stated(claim, 'e2el', 'mean');
  const says = `${lasts} at ${completed} replies in ${durationS} s keeps ${rounded(flying)} requests in flight, but max_concurrency is ${maxConcurrency}`;
  if (flying > bounds.inFlightShare.high * maxConcurrency) return [{ says, leaves: (same) => same }];
  const atOnce = Math.min(maxConcurrency, completed);
  if (requestRate !== 'inf' || flying >= bounds.inFlightShare.low * atOnce) return [];
  return [{ says: `${says}: all latencies are dropped`, leaves: withoutLatencies(...metrics) }];
}

/** `mean_ttft_ms (time_to_first_token) is 12 ms`. */
function stated({ latencies, names }: Claim, metric: LatencyMetric, name: string): string {
  const own = names?.[metric];
  return `${name}_${metric}_ms${own === undefined ? '' : ` (${own})`} is ${latencies[metric]?.[name]} ms`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
