import type { MultiNodeConfig, MultiNodeItem, SingleNodeConfig, SingleNodeItem } from '../config/index.ts';
import type { MultiNodeEntry, SingleNodeEntry } from './entry.ts';

/** Tokens kept free beyond prompt and answer for the chat template and special tokens. */
const lengthMargin = 200;

/** Tokens the engine must be able to hold per request of a shape. */
export function maxModelLen(isl: number, osl: number): number {
  return isl + osl + lengthMargin;
}

const seqLenNames: Readonly<Record<string, string>> = {
  '1024/1024': '1k1k',
  '1024/8192': '1k8k',
  '8192/1024': '8k1k',
};

/** The names of the public shapes, for `--seq-lens`. */
export const publicSeqLens = Object.values(seqLenNames);

/** `1k1k`, `1k8k`, `8k1k`, and `isl_osl` for every other shape. */
export function seqLenName(isl: number, osl: number): string {
  return seqLenNames[`${isl}/${osl}`] ?? `${isl}_${osl}`;
}

interface Shape {
  readonly isl: number;
  readonly osl: number;
}

/** The entry of one single-node search-space item at one concurrency, fields in the public order. */
export function singleNodeEntry(
  config: SingleNodeConfig,
  { isl, osl }: Shape,
  item: SingleNodeItem,
  conc: number,
): SingleNodeEntry {
  return {
    ...identity(config),
    isl,
    osl,
    tp: item.tp,
    conc,
    'max-model-len': maxModelLen(isl, osl),
    ep: item.ep ?? 1,
    'dp-attn': item['dp-attn'] ?? false,
    'spec-decoding': item['spec-decoding'],
    'exp-name': `${config['model-prefix']}_${seqLenName(isl, osl)}`,
    disagg: config.disagg,
  };
}

/** The entry of one multi-node search-space item with its list of concurrencies, fields in the public order. */
export function multiNodeEntry(
  config: MultiNodeConfig,
  { isl, osl }: Shape,
  item: MultiNodeItem,
  conc: readonly number[],
): MultiNodeEntry {
  return {
    ...identity(config),
    isl,
    osl,
    'spec-decoding': item['spec-decoding'],
    prefill: item.prefill,
    decode: item.decode,
    conc,
    'max-model-len': maxModelLen(isl, osl),
    'exp-name': `${config['model-prefix']}_${seqLenName(isl, osl)}`,
    disagg: config.disagg,
  };
}

function identity(config: SingleNodeConfig | MultiNodeConfig) {
  return {
    image: config.image,
    model: config.model,
    'model-prefix': config['model-prefix'],
    precision: config.precision,
    framework: config.framework,
    runner: config.runner,
  };
}
