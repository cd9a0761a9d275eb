import { figure, type RawResult } from '../../load/index.ts';
import { type TerminalColumn, terminalTable } from '../terminal/table.ts';

/** The columns that compare several concurrencies. */
const columns: readonly TerminalColumn<RawResult>[] = [
  {
    header: 'concurrency',
    align: 'right',
    rank: 0,
    cell: ({ max_concurrency: conc }) => String(conc ?? 'no bound'),
  },
  { header: 'tok/s', align: 'right', rank: 0, cell: ({ output_throughput: rate }) => figure(rate, 1) },
  { header: 'tok/s/user', align: 'right', rank: 1, cell: ({ median_tpot_ms: ms }) => perUser(ms) },
  { header: 'TTFT ms', align: 'right', rank: 1, cell: ({ median_ttft_ms: ms }) => figure(ms, 0) },
  { header: 'p99', align: 'right', rank: 3, cell: ({ p99_ttft_ms: ms = null }) => figure(ms, 0) },
  { header: 'TPOT ms', align: 'right', rank: 1, cell: ({ median_tpot_ms: ms }) => figure(ms, 1) },
  { header: 'req/s', align: 'right', rank: 4, cell: ({ request_throughput: rate }) => rate.toFixed(2) },
  { header: 'failed', align: 'right', rank: 2, cell: ({ failed }) => String(failed) },
  { header: 'verdict', align: 'left', rank: 0, cell: verdictOf },
];

const tableWidth = 80;

/** The levels as a table: output tokens per second, medians in milliseconds. */
export function levelsTable(results: readonly RawResult[]): string {
  return terminalTable(columns, results, process.stdout.columns ?? tableWidth).join('\n');
}

/** One level as a line. */
export function levelLine(result: RawResult): string {
  const { max_concurrency: conc, output_throughput: rate, median_ttft_ms: ttftMs } = result;
  return `concurrency ${conc}: ${figure(rate, 1)} tok/s out, TTFT ${figure(ttftMs, 0)} ms, TPOT ${figure(result.median_tpot_ms, 1)} ms, ${verdictOf(result)}`;
}

function perUser(tpotMs: number | null): string {
  return tpotMs === null || tpotMs === 0 ? figure(null, 1) : figure(1000 / tpotMs, 1);
}

function verdictOf({ fidelity: { verdict }, partial }: RawResult): string {
  return partial === true ? `${verdict}, ended early` : verdict;
}
