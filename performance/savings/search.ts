import { parseArgs } from 'node:util';
import { markdownTable } from '../../src/results/index.ts';
import { publicCurves } from '../../test/support/public-curves.ts';
import { type SearchCost, type Strictness, searchCost } from './slo-search.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '5' } } });
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);
const curves = await publicCurves();

interface Line {
  readonly percentile: Strictness;
  readonly costs: readonly SearchCost[];
}

const lines: Line[] = [];
for (const percentile of [90, 99] as const) {
  const costs: SearchCost[] = [];
  for (const curve of curves) for (const seed of seeds) costs.push(await searchCost(curve, percentile, seed));
  lines.push({ percentile, costs });
}

const total = ({ costs }: Line, of: (cost: SearchCost) => number) =>
  costs.reduce((sum, cost) => sum + of(cost), 0);
const mean = (line: Line, of: (cost: SearchCost) => number) =>
  (total(line, of) / line.costs.length).toFixed(0);
/** All requests of the sweeps over those of the searches, then the median and the 5th percentile of single searches. */
const spread = (line: Line, ofSweep: (cost: SearchCost) => number) => {
  const sorted = line.costs.map((cost) => ofSweep(cost) / cost.searchRequests).sort((a, b) => a - b);
  const at = (fraction: number) =>
    (sorted[Math.floor(fraction * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  const all = total(line, ofSweep) / total(line, (cost) => cost.searchRequests);
  return `${all.toFixed(1)} (median ${at(0.5)}, 5 % below ${at(0.05)})`;
};
const share = (line: Line, is: (cost: SearchCost) => boolean) =>
  `${((100 * line.costs.filter(is).length) / line.costs.length).toFixed(1)} %`;

const table = markdownTable<Line>(
  [
    { header: 'SLOs', kind: 'text', value: ({ percentile }) => `TTFT and TPOT p${percentile}` },
    { header: 'Searches', kind: 'whole', value: ({ costs }) => String(costs.length) },
    { header: 'Tests', kind: 'whole', value: (line) => mean(line, ({ searchTests }) => searchTests) },
    { header: 'Requests', kind: 'whole', value: (line) => mean(line, (cost) => cost.searchRequests) },
    { header: 'Sweep: loads', kind: 'whole', value: (line) => mean(line, ({ loads }) => loads) },
    { header: 'Sweep: requests', kind: 'whole', value: (line) => mean(line, (cost) => cost.sweepRequests) },
    { header: 'Sweep / search', kind: 'text', value: (line) => spread(line, (cost) => cost.sweepRequests) },
    {
      header: 'Frugal sweep / search',
      kind: 'text',
      value: (line) => spread(line, (cost) => cost.frugalSweepRequests),
    },
    { header: 'Interval wrong', kind: 'text', value: (line) => share(line, ({ isWrong }) => isWrong) },
    { header: 'Bracket open', kind: 'text', value: (line) => share(line, ({ isClosed }) => !isClosed) },
  ],
  lines,
);
process.stdout.write(
  `${curves.length} curves of ../shared/public-results, bracket 5 %, confidence 95 %\n\n${table}\n`,
);
