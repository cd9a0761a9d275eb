import { wrongFile } from '../datasets/files/problem.ts';
import { recordsOf } from '../datasets/files/records.ts';
import { openTextFile } from '../datasets/files/text-file.ts';
import type { TraceLengths } from '../datasets/index.ts';
import type { MadeDataset } from '../datasets/options.ts';
import { readAgentTraces } from './read-traces.ts';
import { absoluteRequests } from './sessions.ts';
import { type AgentTrace, type HashId, isSubagent, type TraceRequest } from './trace.ts';

/** Whether a file has traces of coding agents, by its first row. */
async function hasAgentTraces(file: string): Promise<boolean> {
  await using text = await openTextFile(file);
  for await (const { value } of recordsOf(text, { isRow: () => false, exactIntegers: true }))
    return typeof value === 'object' && value !== null && 'hash_id_scope' in value && 'requests' in value;
  return false;
}

/**
 * The requests of all sessions in a file of agent traces, in the order of their times from the start of each session;
 * undefined if it is another file. Only requests have times, counted from the start of their session, so there are no arrivals. Throws LoadError.
 */
export async function agentLengthsIn(file: string): Promise<MadeDataset | undefined> {
  if (!(await hasAgentTraces(file))) return undefined;
  const requests: { readonly atS: number; readonly lengths: TraceLengths['requests'][number] }[] = [];
  let blockTokens: number | undefined;
  let blocks = 0;
  for await (const { trace, place } of readAgentTraces(file)) {
    blockTokens ??= trace.block_size;
    if (trace.block_size !== blockTokens)
      throw wrongFile(place, `block_size: expected ${blockTokens} as before, found ${trace.block_size}`);
    // An id stands for the same tokens only within its trace.
    const numbers = new Map<HashId, number>();
    const numberOf = (id: HashId): number => {
      const number = numbers.get(id) ?? blocks++;
      numbers.set(id, number);
      return number;
    };
    for (const { t, in: inputTokens, out: outputTokens, hash_ids: ids } of requestsOf(trace))
      requests.push({ atS: t, lengths: { inputTokens, outputTokens, blocks: ids.map(numberOf) } });
  }
  if (blockTokens === undefined) return undefined;
  const inOrder = requests.toSorted((one, other) => one.atS - other.atS).map(({ lengths }) => lengths);
  return {
    dataset: { kind: 'trace', blockTokens, requests: inOrder },
    numPrompts: inOrder.length,
    notes: [],
  };
}

/** The requests of the main agent and of its subagents. */
function requestsOf({ requests }: AgentTrace): TraceRequest[] {
  return requests.flatMap((one) =>
    isSubagent(one) ? absoluteRequests(one).map(({ request }) => request) : [one],
  );
}
