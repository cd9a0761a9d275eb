import type { AugustNodeItem, AugustNodesItem } from '../../config/index.ts';
import type { WorkerGroup } from '../../identity/entry.ts';

/** The names of August's shapes. */
export const seqLenNames: Readonly<Record<string, string>> = {
  '1024/1024': '1k1k',
  '8192/1024': '8k1k',
};

export function seqLenName(isl: number, osl: number): string {
  return seqLenNames[`${isl}/${osl}`] ?? `${isl}_${osl}`;
}

/** The suffix of a single-node agentic entry's name, after its model. */
export function nodeName(item: AugustNodeItem, conc: number): string {
  const { tp, 'spec-decoding': speculation } = item;
  const spec = speculation === 'none' ? '' : `_spec-${speculation}`;
  return `tp${tp}_conc${conc}_${offloadName(item) ?? 'kvnone'}${spec}`;
}

/** The suffix of a multi-node agentic entry's name, after its model. */
export function nodesName(item: AugustNodesItem, conc: number): string {
  const { prefill, decode } = item;
  const offload = offloadName(item);
  return `p${groupName(prefill)}_d${groupName(decode)}_conc${conc}${offload === undefined ? '' : `_${offload}`}`;
}

function groupName({ 'num-worker': workers, tp, ep, 'dp-attn': attention }: WorkerGroup): string {
  return `${workers}x${tp}${ep > 1 ? `ep${ep}` : ''}${attention ? 'dpa' : ''}`;
}

function offloadName(item: AugustNodeItem | AugustNodesItem): string | undefined {
  const { 'kv-offloading': to = 'none', 'kv-offload-backend': backend } = item;
  return to === 'none' ? undefined : `kv${to}${backend === undefined ? '' : `-${backend.name}`}`;
}
