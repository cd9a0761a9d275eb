import {
  january as contract,
  type JanuaryConfig,
  type MasterConfigs,
  type MultiNodeConfig,
  matchConfigKeys,
  matchesPattern,
  type SingleNodeConfig,
} from '../config/index.ts';
import { limitedConcurrencies } from './concurrency.ts';
import { configFilter, type Decision, dropped, kindOf, type Made, type SweepFilters } from './decision.ts';
import { entryOfNode, entryOfNodes, lengthMargin, seqLenName, seqLenNames } from './entries.ts';
import type { Generator } from './generator.ts';

/** Generates entries by the January contract (contract §2): single-node entries first, in the order of the configs. */
export const january: Generator = {
  contract,
  seqLenNames,
  lengthMargin,
  matches: matchesPattern,
  takesBothKinds: false,
  lacks: ['minConc', 'scenarios', 'nodeFilter', 'evals', 'concurrencies'],
  sweep: (configs, _, filters, kinds) => {
    const own = configsOf(configs);
    const wanted = kinds.flatMap((kind) => own.filter(([, config]) => kindOf(config) === kind));
    const unwanted = own.filter(([, config]) => !kinds.includes(kindOf(config)));
    return [
      ...wanted.flatMap(([key, config]) => decideConfig(key, config, filters)),
      ...unwanted.map(([key, config]) => dropped(key, config.multinode ? '--single-node' : '--multi-node')),
    ];
  },
  named: (configs, _, keys, { seqLens }) => {
    const own = new Map(configsOf(configs));
    return matchConfigKeys(keys, [...own.keys()]).flatMap((key) => {
      const config = own.get(key);
      return config === undefined ? [] : decideConfig(key, config, seqLens === undefined ? {} : { seqLens });
    });
  },
};

function configsOf(configs: MasterConfigs): [string, JanuaryConfig][] {
  return [...configs].flatMap(([key, config]) => ('seq-len-configs' in config ? [[key, config]] : []));
}

/** The entries of every part of a config, or the filter that drops it. */
function decideConfig(key: string, config: JanuaryConfig, filters: SweepFilters): Decision[] {
  const droppedBy = configFilter(key, config, filters, matchesPattern);
  if (droppedBy !== undefined) return [dropped(key, droppedBy)];
  return config.multinode
    ? decideBlocks(key, config['seq-len-configs'], filters, (block) => multiNodeBlock(config, block, filters))
    : decideBlocks(key, config['seq-len-configs'], filters, (block) =>
        singleNodeBlock(config, block, filters),
      );
}

function decideBlocks<Block extends { readonly isl: number; readonly osl: number }>(
  key: string,
  blocks: readonly Block[],
  { seqLens }: SweepFilters,
  make: (block: Block) => Made[],
): Decision[] {
  return blocks.flatMap((block, index): Decision[] => {
    const path = ['seq-len-configs', index];
    if (seqLens?.includes(seqLenName(block.isl, block.osl)) === false)
      return [dropped(key, '--seq-lens', path)];
    return make(block).map((made, item) => ({ key, path: [...path, 'search-space', item], ...made }));
  });
}

function singleNodeBlock(
  config: SingleNodeConfig,
  block: SingleNodeConfig['seq-len-configs'][number],
  { maxTp, maxEp, maxConc, stepSize = 2 }: SweepFilters,
): Made[] {
  return block['search-space'].map((item) => {
    const tp = clamp(item.tp, maxTp);
    const ep = clamp(item.ep ?? 1, maxEp);
    if (tp === undefined) return { entries: [], droppedBy: '--max-tp' };
    if (ep === undefined) return { entries: [], droppedBy: '--max-ep' };
    const points = limitedConcurrencies(item, stepSize, maxConc);
    if (points.length === 0) return { entries: [], droppedBy: '--max-conc' };
    return { entries: points.map((conc) => entryOfNode(config, block, { ...item, tp, ep }, conc)) };
  });
}

function multiNodeBlock(
  config: MultiNodeConfig,
  block: MultiNodeConfig['seq-len-configs'][number],
  { maxConc, stepSize = 2 }: SweepFilters,
): Made[] {
  return block['search-space'].map((item) => {
    const conc = limitedConcurrencies(item, stepSize, maxConc);
    if (conc.length === 0) return { entries: [], droppedBy: '--max-conc' };
    return { entries: [entryOfNodes(config, block, item, conc)] };
  });
}

/** Clamps a value to the limit; undefined, which drops the item, if the limit is not a possible value. */
function clamp(value: number, limit: number | undefined): number | undefined {
  if (limit === undefined) return value;
  return limit <= 0 ? undefined : Math.min(value, limit);
}
