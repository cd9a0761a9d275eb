import {
  type AugustConfig,
  august as contract,
  type MasterConfigs,
  matchConfigKeys,
  type RunnerPools,
} from '../../config/index.ts';
import type { Scenario } from '../../identity/entry-schema.ts';
import { workloadKinds } from '../../workload/index.ts';
import { configFilter, type Decision, dropped, kindOf, type Made, type SweepFilters } from '../decision.ts';
import type { Generator } from '../generator.ts';
import { nodesTraces, nodeTraces } from './agentic.ts';
import { type Asked, chosenOf } from './asked.ts';
import { withEvals } from './evals.ts';
import { lengthMargin, nodeItem, nodesItem } from './fixed.ts';
import { seqLenName, seqLenNames } from './names.ts';
import { matchesShellPattern } from './shell-pattern.ts';
import { sentBy } from './workload.ts';

/**
 * Generates entries by the August contract (F3), in the order of the configs; within a config, fixed lengths come
 * first.
 */
export const august: Generator = {
  contract,
  seqLenNames,
  lengthMargin,
  matches: matchesShellPattern,
  takesBothKinds: true,
  lacks: [],
  sweep: (configs, pools, filters, kinds) => {
    const decisions = configsOf(configs).flatMap(([key, config]) => {
      const droppedBy = kinds.includes(kindOf(config))
        ? configFilter(key, config, filters, matchesShellPattern)
        : config.multinode
          ? '--single-node'
          : '--multi-node';
      if (droppedBy !== undefined) return [dropped(key, droppedBy)];
      const runners = nodesOf(config, pools, filters.nodeFilter);
      const asked = { limits: filters, runners, pools, chosen: chosenOf(undefined) };
      return decideConfig(key, config, filters, asked);
    });
    return withEvals(decisions, filters.evals);
  },
  named: (configs, pools, keys, filters) => {
    const own = new Map(configsOf(configs));
    const { concurrencies, nodeFilter } = filters;
    const decisions = matchConfigKeys(keys, [...own.keys()], matchesShellPattern).flatMap((key) => {
      const config = own.get(key);
      if (config === undefined) return [];
      const runners = [
        ...(nodeFilter !== undefined && config.runner.includes(nodeFilter) ? [config.runner] : []),
        ...nodesOf(config, pools, nodeFilter),
      ];
      return decideConfig(key, config, filters, {
        limits: {},
        runners,
        pools,
        chosen: chosenOf(concurrencies),
      });
    });
    return withEvals(decisions, filters.evals);
  },
};

function configsOf(configs: MasterConfigs): [string, AugustConfig][] {
  return [...configs].flatMap(([key, config]) => ('scenarios' in config ? [[key, config]] : []));
}

/** The runner of a config or, with a node filter, the nodes of its label whose name contains the text. */
function nodesOf({ runner }: AugustConfig, pools: RunnerPools, text: string | undefined): readonly string[] {
  if (text === undefined) return [runner];
  return (pools.get(runner) ?? []).filter((node) => node.includes(text));
}

type Wanted = Pick<SweepFilters, 'seqLens' | 'scenarios'>;

/** The decisions for all items of a config. */
function decideConfig(key: string, config: AugustConfig, wanted: Wanted, asked: Asked): Decision[] {
  if (asked.runners.length === 0) return [dropped(key, '--runner-node-filter')];
  const decided = config.multinode
    ? [
        ...itemsOf('fixed-seq-len', config.scenarios['fixed-seq-len'], wanted, (block, item) =>
          nodesItem(config, block, item, asked),
        ),
        ...itemsOf('agentic-coding', config.scenarios['agentic-coding'], wanted, (block, item, path) =>
          nodesTraces(config, item, { key, path, block }, asked),
        ),
        ...workloadKinds.flatMap((kind) =>
          itemsOf(kind.name, config.scenarios[kind.name], wanted, (block, item) =>
            nodesItem(config, sentBy(kind, block), item, asked),
          ),
        ),
      ]
    : [
        ...itemsOf('fixed-seq-len', config.scenarios['fixed-seq-len'], wanted, (block, item) =>
          nodeItem(config, block, item, asked),
        ),
        ...itemsOf('agentic-coding', config.scenarios['agentic-coding'], wanted, (block, item, path) =>
          nodeTraces(config, item, { key, path, block }, asked),
        ),
        ...workloadKinds.flatMap((kind) =>
          itemsOf(kind.name, config.scenarios[kind.name], wanted, (block, item) =>
            nodeItem(config, sentBy(kind, block), item, asked),
          ),
        ),
      ];
  return decided.map((one) => ({ key, ...one }));
}

type Decided = Made & Pick<Decision, 'path'>;

/** The items of one scenario, and what drops its blocks as a whole. */
function itemsOf<Item, Block extends { readonly 'search-space': readonly Item[] }>(
  scenario: Scenario,
  blocks: readonly (Block & { readonly 'search-space': readonly Item[] })[] = [],
  { seqLens, scenarios: asked }: Wanted,
  make: (block: Block, item: Item, path: Decision['path']) => Made,
): Decided[] {
  return blocks.flatMap((block, index): Decided[] => {
    const path = ['scenarios', scenario, index];
    if (asked?.includes(scenario) === false) return [{ path, entries: [], droppedBy: '--scenario-type' }];
    const lengths = lengthsOf(block);
    if (lengths !== undefined && seqLens?.includes(lengths) === false)
      return [{ path, entries: [], droppedBy: '--seq-lens' }];
    return block['search-space'].map((item, at) => {
      const place = [...path, 'search-space', at];
      return { path: place, ...make(block, item, place) };
    });
  });
}

/** The name of a block's lengths; only blocks of fixed lengths have one. */
function lengthsOf(block: object): string | undefined {
  if ('name' in block || !('isl' in block && 'osl' in block)) return undefined;
  return seqLenName(Number(block.isl), Number(block.osl));
}
