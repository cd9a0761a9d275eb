import { type GeneratedEntry, isAgentic, isMultiNode, shardsForActions } from '../../../matrix/index.ts';
import type { TerminalColumn } from '../../terminal/table.ts';

export const formats = ['json', 'jsonl', 'table', 'github'] as const;
export type Format = (typeof formats)[number];

/** Formats entries: one JSON array, one JSON object per line, a table, or `name=value` lines for `$GITHUB_OUTPUT`. */
export async function formatEntries(entries: readonly GeneratedEntry[], format: Format): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(entries)}\n`;
    case 'jsonl':
      return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    case 'table':
      return await table(entries);
    case 'github':
      return github(entries);
  }
}

/** `count`, the shard numbers as a JSON list to loop over, and one matrix per shard. */
function github(entries: readonly GeneratedEntry[]): string {
  const shards = shardsForActions(entries);
  const lines = [
    `count=${entries.length}`,
    `shards=${JSON.stringify(shards.map((_, index) => index))}`,
    ...shards.map((shard, index) => `matrix-${index}=${JSON.stringify({ include: shard })}`),
  ];
  return `${lines.join('\n')}\n`;
}

const terminalColumns: readonly TerminalColumn<GeneratedEntry>[] = [
  { header: 'model', align: 'left', rank: 0, cell: (entry) => entry['model-prefix'] },
  { header: 'precision', align: 'left', rank: 1, cell: (entry) => entry.precision },
  { header: 'framework', align: 'left', rank: 1, cell: (entry) => entry.framework },
  { header: 'runner', align: 'left', rank: 0, cell: (entry) => entry.runner },
  { header: 'isl', align: 'right', rank: 2, cell: (entry) => lengthsOf(entry)[0] },
  { header: 'osl', align: 'right', rank: 2, cell: (entry) => lengthsOf(entry)[1] },
  { header: 'layout', align: 'left', rank: 3, cell: layout },
  { header: 'concurrency', align: 'left', rank: 0, cell: (entry) => [entry.conc].flat().join(' ') },
];

/** Formats entries as a table for a terminal. */
export async function entriesTable(
  entries: readonly GeneratedEntry[],
  output: { readonly columns?: number },
): Promise<string> {
  const { terminalTable } = await import('../../terminal/table.ts');
  const { widthOf } = await import('../../terminal/fit.ts');
  const width = widthOf(output);
  const count = `${entries.length} entries; use --json for the entries themselves`;
  return [...(entries.length === 0 ? [] : terminalTable(terminalColumns, entries, width)), count, ''].join(
    '\n',
  );
}

async function table(entries: readonly GeneratedEntry[]): Promise<string> {
  const { markdownTable } = await import('../../../results/markdown-table.ts');
  const text = (header: string, value: (entry: GeneratedEntry) => string) => ({
    header,
    kind: 'text' as const,
    value,
  });
  const whole = (header: string, value: (entry: GeneratedEntry) => string) => ({
    header,
    kind: 'whole' as const,
    value,
  });
  const columns = [
    text('Model', (entry) => entry['model-prefix']),
    text('Precision', (entry) => entry.precision),
    text('Framework', (entry) => entry.framework),
    text('Runner', (entry) => entry.runner),
    whole('ISL', (entry) => lengthsOf(entry)[0]),
    whole('OSL', (entry) => lengthsOf(entry)[1]),
    text('Layout', layout),
    text('Spec decoding', (entry) => entry['spec-decoding']),
    text('Concurrency', (entry) => (isMultiNode(entry) ? entry.conc.join(' ') : String(entry.conc))),
  ];
  return `${markdownTable(columns, entries)}\n${entries.length} entries\n`;
}

function layout(entry: GeneratedEntry): string {
  if (!isMultiNode(entry)) return `tp${entry.tp} ep${entry.ep}${entry['dp-attn'] ? ' dp-attn' : ''}`;
  const { prefill, decode } = entry;
  const prefilling = `${prefill['num-worker']}×tp${prefill.tp}`;
  if (decode['num-worker'] === 0) return `aggregated ${prefilling}`;
  return `prefill ${prefilling}, decode ${decode['num-worker']}×tp${decode.tp}`;
}

/** The lengths of an entry; agentic entries take them from their traces. */
function lengthsOf(entry: GeneratedEntry): readonly [isl: string, osl: string] {
  return isAgentic(entry) ? ['traces', 'traces'] : [String(entry.isl), String(entry.osl)];
}
