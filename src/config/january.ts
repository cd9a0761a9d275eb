import { z } from 'zod';
import { configShape } from '../identity/entry-schema.ts';
import { onFirstUse } from '../on-first-use.ts';
import type { ConfigContract } from './contract.ts';
import {
  checkCompanions,
  checkConcurrency,
  checkLayout,
  checkPlaces,
  checkRoles,
  concurrency,
  configKey,
  type PlacedItem,
  runner,
  runnerNodes,
  workers,
} from './form-parts.ts';
import type { RunnerPools } from './runner-pools.ts';

const singleNodeItem = () =>
  z
    .strictObject({
      ...configShape(['item', 'either'], ['layout', 'entry'], { nodes: 'one' }),
      ...concurrency,
    })
    .superRefine(checkConcurrency)
    .superRefine(checkCompanions)
    .superRefine(checkLayout);

const multiNodeItem = () =>
  z
    .strictObject({
      ...configShape(['item', 'either'], ['entry']),
      prefill: workers('prefill'),
      decode: workers('decode'),
      ...concurrency,
    })
    .superRefine(checkConcurrency)
    .superRefine(checkCompanions)
    .superRefine(checkRoles);

function seqLenConfigs<Item extends z.ZodType>(item: Item) {
  const block = z.strictObject({ ...configShape(['shape'], ['entry']), 'search-space': z.array(item) });
  return z.array(block);
}

interface WithBlocks {
  readonly 'seq-len-configs': readonly { readonly 'search-space': readonly object[] }[];
}

function itemsOf({ 'seq-len-configs': blocks }: WithBlocks): PlacedItem[] {
  return blocks.flatMap(({ 'search-space': items }, block) =>
    items.map((item, index) => ({ path: ['seq-len-configs', block, 'search-space', index], item })),
  );
}

const config = () =>
  z.discriminatedUnion('multinode', [
    z
      .strictObject({
        ...configShape(['config', 'either'], ['entry'], { nodes: 'one' }),
        runner,
        multinode: z.literal(false),
        'seq-len-configs': seqLenConfigs(singleNodeItem()),
      })
      .superRefine((one, context) => checkPlaces(one, itemsOf(one), context)),
    z
      .strictObject({
        ...configShape(['config', 'either'], ['entry']),
        runner,
        multinode: z.literal(true),
        'seq-len-configs': seqLenConfigs(multiNodeItem()),
      })
      .superRefine((one, context) => checkPlaces(one, itemsOf(one), context)),
  ]);

/** One entry of a master config of January. */
export type JanuaryConfig = z.output<ReturnType<typeof config>>;
export type SingleNodeConfig = Extract<JanuaryConfig, { multinode: false }>;
export type MultiNodeConfig = Extract<JanuaryConfig, { multinode: true }>;
export type SingleNodeItem = z.output<ReturnType<typeof singleNodeItem>>;
export type MultiNodeItem = z.output<ReturnType<typeof multiNodeItem>>;

const name = 'January 2026';

/** The contract of January 2026 (§1): configs with `seq-len-configs`, and pools at the top of the runners file. */
export const january: ConfigContract<JanuaryConfig> = {
  name,
  field: 'seq-len-configs',
  schemas: onFirstUse(() => {
    const one = config();
    return {
      config: one,
      configs: z.record(configKey, one),
      runners: z
        .record(z.string(), runnerNodes)
        .transform((pools): RunnerPools => Object.assign(new Map(Object.entries(pools)), { contract: name })),
    };
  }),
  yaml: '1.2',
};
