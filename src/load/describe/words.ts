import type { TraceDescription, TraceTokens } from './description.ts';

const nameWidth = 32;

/** A description as lines of text. */
export function traceInWords(description: TraceDescription): string {
  const { requests, laterTurns, estimated, arrivals, prefixes, idealHits } = description;
  const about = estimated ? ' (estimated at four bytes per token)' : '';
  return [
    row('Requests', whole(requests)),
    ...(laterTurns === 0 ? [] : [row('  later turns of conversations', whole(laterTurns))]),
    `Lengths in tokens${about}`,
    row('', 'mean    std     min     p50     p90     p99     max'),
    row('  prompt', lengthsInWords(description.input)),
    row('  reply', lengthsInWords(description.output)),
    ...(arrivals === null
      ? [row('Arrivals', 'the trace has no times')]
      : [
          'Arrivals',
          row('  duration (s)', arrivals.durationS.toFixed(1)),
          row('  mean, peak (req/s)', `${figure(arrivals.requestsPerS, 2)}, ${arrivals.peakPerS}`),
          row('  variation of the gaps', `${figure(arrivals.gapVariation, 2)} (1 is Poisson)`),
          row('  as --burstiness', figure(arrivals.burstiness, 2)),
          row(
            `  dispersion per ${arrivals.perInterval.intervalS} s`,
            `${figure(arrivals.dispersion, 2)} (1 is Poisson)`,
          ),
        ]),
    `Prefixes in blocks of ${prefixes.blockTokens} tokens`,
    row('  different tokens', whole(prefixes.differentTokens)),
    row('  of these in one prompt only', whole(prefixes.usedOnceTokens)),
    row('  different first blocks', whole(prefixes.roots)),
    row('  prompts that share nothing', whole(prefixes.unsharedRequests)),
    ...prefixes.largest.map(({ tokens, requests: of }) =>
      row('  common beginning', `${whole(tokens)} tokens of ${whole(of)} prompts`),
    ),
    `Ideal prefix cache hits, of all prompt tokens`,
    ...idealHits.byCacheSize.map(({ cacheTokens, share }) =>
      row(`  ${whole(cacheTokens)} tokens`, percent(share)),
    ),
    row('  no limit', percent(idealHits.unlimited)),
  ].join('\n');
}

function lengthsInWords({ mean, std, min, p50, p90, p99, max }: TraceTokens): string {
  return [mean, std, min, p50, p90, p99, max]
    .map((value) => figure(value, 0).padEnd(8))
    .join('')
    .trimEnd();
}

function figure(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}

function row(name: string, value: string): string {
  return `${(name === '' ? '' : `${name}:`).padEnd(nameWidth)}${value}`;
}
