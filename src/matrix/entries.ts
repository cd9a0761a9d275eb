import type { MultiNodeConfig, MultiNodeItem, SingleNodeConfig, SingleNodeItem } from '../config/index.ts';
import {
  type EntryParts,
  type MultiNodeEntry,
  multiNodeEntry,
  type SingleNodeEntry,
  singleNodeEntry,
} from '../identity/entry.ts';

/** Spare tokens beyond prompt and reply for the chat template and special tokens. */
export const lengthMargin = 200;

/** Tokens that the engine must be able to hold per request of a shape. */
export function maxModelLen(isl: number, osl: number): number {
  return isl + osl + lengthMargin;
}

/** The names of January's shapes. */
export const seqLenNames: Readonly<Record<string, string>> = {
  '1024/1024': '1k1k',
  '1024/8192': '1k8k',
  '8192/1024': '8k1k',
};

/** `1k1k`, `1k8k`, `8k1k`, and `isl_osl` for every other shape. */
export function seqLenName(isl: number, osl: number): string {
  return seqLenNames[`${isl}/${osl}`] ?? `${isl}_${osl}`;
}

type Shape = {
  readonly isl: number;
  readonly osl: number;
};

/** The entry of one single-node search-space item at one concurrency. */
export function entryOfNode(
  config: SingleNodeConfig,
  shape: Shape,
  item: SingleNodeItem,
  conc: number,
  named: EntryNaming = {},
): SingleNodeEntry {
  return singleNodeEntry(partsOf(config, shape, item, named), conc);
}

/** The entry of one multi-node search-space item with its list of concurrencies. */
export function entryOfNodes(
  config: MultiNodeConfig,
  shape: Shape,
  item: MultiNodeItem,
  conc: readonly number[],
  named: EntryNaming = {},
): MultiNodeEntry {
  const { prefill, decode } = item;
  return multiNodeEntry(partsOf(config, shape, item, named), { prefill, decode }, conc);
}

/** The name and the maximum length of an entry, if they do not follow from its shape. */
export interface EntryNaming {
  readonly name?: string;
  readonly maxModelLen?: number;
}

function partsOf(
  config: SingleNodeConfig | MultiNodeConfig,
  shape: Shape,
  item: SingleNodeItem | MultiNodeItem,
  {
    name = seqLenName(shape.isl, shape.osl),
    maxModelLen: most = maxModelLen(shape.isl, shape.osl),
  }: EntryNaming,
): EntryParts {
  return {
    config,
    shape,
    item,
    runner: config.runner,
    maxModelLen: most,
    expName: `${config['model-prefix']}_${name}`,
  };
}
