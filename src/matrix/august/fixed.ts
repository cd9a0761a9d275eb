import type {
  AugustConfig,
  AugustNodeConfig,
  AugustNodeItem,
  AugustNodesConfig,
  AugustNodesItem,
} from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import {
  type EntryParts,
  type EntryWorkload,
  multiNodeEntry,
  singleNodeEntry,
} from '../../identity/entry.ts';
import type { Made } from '../decision.ts';
import type { Asked } from './asked.ts';
import { type Limited, limitedOnNode, limitedOnNodes } from './concurrency.ts';
import { seqLenName } from './names.ts';

/** Spare tokens beyond prompt and reply. */
export const lengthMargin = 256;

/** What an item is measured with: fixed lengths, or a workload and its longest prompt and reply. */
export interface Sent {
  readonly isl: number;
  readonly osl: number;
  readonly workload?: EntryWorkload;
}

/** The entries of a single-node item with fixed lengths: one per concurrency and runner. */
export function nodeItem(config: AugustNodeConfig, sent: Sent, item: AugustNodeItem, asked: Asked): Made {
  const { maxTp, maxEp } = asked.limits;
  if (maxTp !== undefined && item.tp > maxTp) return { entries: [], droppedBy: '--max-tp' };
  if (maxEp !== undefined && maxEp <= 0) return { entries: [], droppedBy: '--max-ep' };
  const limited = asked.chosen(limitedOnNode(item, asked.limits));
  if ('droppedBy' in limited) return { entries: [], droppedBy: limited.droppedBy };
  const lowered =
    maxEp === undefined || item.ep === undefined ? item : { ...item, ep: Math.min(item.ep, maxEp) };
  return {
    entries: limited.concs.flatMap((conc) =>
      asked.runners.map((runner) => singleNodeEntry(partsOf(config, sent, lowered, runner), conc)),
    ),
  };
}

/** The entries of a multi-node item: one per runner, with all concurrencies. */
export function nodesItem(config: AugustNodesConfig, sent: Sent, item: AugustNodesItem, asked: Asked): Made {
  const limited: Limited = asked.chosen(limitedOnNodes(item, asked.limits));
  if ('droppedBy' in limited) return { entries: [], droppedBy: limited.droppedBy };
  return {
    entries: asked.runners.map((runner) =>
      multiNodeEntry(partsOf(config, sent, item, runner), item, limited.concs),
    ),
  };
}

function partsOf(
  config: AugustConfig,
  { workload, ...shape }: Sent,
  item: AugustNodeItem | AugustNodesItem,
  runner: string,
): EntryParts {
  const { isl, osl } = shape;
  return {
    config,
    shape: { ...shape },
    item,
    runner,
    maxModelLen: isl + osl + lengthMargin,
    expName: `${config['model-prefix']}_${workload?.id.replace('@', '-') ?? seqLenName(isl, osl)}`,
    of: 'August',
    ...defined({ workload }),
  };
}
