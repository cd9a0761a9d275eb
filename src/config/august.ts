import { z } from 'zod';
import { missingInConfig, offloadsTo } from '../identity/entry.ts';
import { configShape, type Scenario, scenarios as scenarioKeys } from '../identity/entry-schema.ts';
import { onFirstUse } from '../on-first-use.ts';
import {
  checkReplay,
  isOwnReplay,
  replayFields,
  type Traffic,
  type WorkloadKind,
  type WorkloadKindName,
  withChecks,
  workloadKinds,
  workloadName,
} from '../workload/index.ts';
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
import { fleetPrefix, type RunnerPools } from './runner-pools.ts';

const name = 'August 2026';

const roles = onFirstUse(() => ({ prefill: workers('prefill'), decode: workers('decode') }));

const nodeItem = (scenario: Scenario) =>
  z
    .strictObject({
      ...configShape(['item', 'either'], ['layout', 'entry'], { nodes: 'one', scenario }),
      ...concurrency,
    })
    .superRefine(checkConcurrency)
    .superRefine(checkCompanions)
    .superRefine(checkLayout);

const nodesItem = (scenario: Scenario) =>
  z
    .strictObject({ ...configShape(['item', 'either'], ['entry'], { scenario }), ...roles(), ...concurrency })
    .superRefine(checkConcurrency)
    .superRefine(checkCompanions)
    .superRefine(checkRoles);

const scenarioNames = scenarioKeys.slice(0, -1);
const lastScenario = scenarioKeys.at(-1) ?? '';

const isShare = (value: unknown) => typeof value === 'number' && value > 0 && value <= 1;

/** The share of a node's memory that KV cache offloading may use. */
const utilization = () =>
  z
    .unknown()
    .refine(isShare, 'expected a number above 0 and at most 1')
    .transform(Number)
    .meta({ type: 'number', exclusiveMinimum: 0, maximum: 1 });

/** A workload in a config: its name, its definition, and what to measure with it. */
export type WorkloadBlock<Item> = Traffic & {
  readonly name: string;
  readonly 'search-space': readonly Item[];
};

const workloadBlock = <Item extends z.ZodType<object>>(
  { name, fields }: WorkloadKind<WorkloadKindName>,
  itemOf: (scenario: Scenario) => Item,
) => withChecks(z.strictObject({ name: workloadName(), ...fields(), 'search-space': z.array(itemOf(name)) }));

/** The blocks of our kinds. The cast is safe: the names are those of the same list. */
function workloads<Item extends z.ZodType<object>>(itemOf: (scenario: Scenario) => Item) {
  type Blocks = z.ZodExactOptional<z.ZodType<readonly WorkloadBlock<z.output<Item>>[]>>;
  return Object.fromEntries(
    workloadKinds.map((kind) => [kind.name, z.array(workloadBlock(kind, itemOf)).exactOptional()]),
  ) as unknown as Record<WorkloadKindName, Blocks>;
}

function scenarios<Item extends z.ZodType<object>>(itemOf: (scenario: Scenario) => Item) {
  const lengths = z.strictObject({
    ...configShape(['shape'], ['entry']),
    'search-space': z.array(itemOf('fixed-seq-len')),
  });
  const traces = z
    .strictObject({
      name: workloadName().exactOptional(),
      ...replayFields(),
      'dram-utilization': utilization().exactOptional(),
      'search-space': z.array(itemOf('agentic-coding')),
    })
    .superRefine(checkUtilization)
    .superRefine(checkOwnReplay);
  return z
    .strictObject({
      'fixed-seq-len': z.array(lengths).exactOptional(),
      'agentic-coding': z.array(traces).exactOptional(),
      ...workloads(itemOf),
    })
    .superRefine((all, context) => {
      if (Object.values(all).every((blocks) => blocks.length === 0))
        context.addIssue({
          code: 'custom',
          message: `expected ${scenarioNames.join(', ')} or ${lastScenario} with at least one item`,
        });
    });
}

/** A block without fields of a replay has the public one; otherwise it also needs a name. */
function checkOwnReplay(block: { readonly name?: string }, context: z.core.$RefinementCtx): void {
  if (!isOwnReplay(block)) return;
  if (block.name === undefined) {
    const message = 'missing; sessions other than the public ones need a name, which charts show';
    context.addIssue({ code: 'custom', path: ['name'], message });
  }
  checkReplay({ ...block }, context);
}

/** The share is required as soon as one item offloads. */
function checkUtilization(
  block: { readonly 'dram-utilization'?: number; readonly 'search-space': readonly object[] },
  context: z.core.$RefinementCtx,
): void {
  if (block['dram-utilization'] !== undefined) return;
  const to = block['search-space'].map(offloadsTo).find((place) => place !== undefined);
  if (to === undefined) return;
  const message = `missing; an item offloads to ${to}, so the share of a node's memory for it is needed, such as 0.9`;
  context.addIssue({ code: 'custom', path: ['dram-utilization'], message });
}

const config = () =>
  z.discriminatedUnion('multinode', [
    z
      .strictObject({
        ...configShape(['config', 'either'], ['entry'], { nodes: 'one' }),
        runner,
        multinode: z.literal(false),
        scenarios: scenarios(nodeItem),
      })
      .superRefine(checkWhole),
    z
      .strictObject({
        ...configShape(['config', 'either'], ['entry']),
        runner,
        multinode: z.literal(true),
        scenarios: scenarios(nodesItem),
      })
      .superRefine(checkWhole),
  ]);

interface WithScenarios {
  readonly runner: string;
  readonly disagg: boolean;
  readonly multinode: boolean;
  readonly scenarios: Readonly<
    Record<string, readonly { readonly 'search-space': readonly object[] }[] | undefined>
  >;
}

/** Rules between the parts of a config. */
function checkWhole(whole: WithScenarios, context: z.core.$RefinementCtx): void {
  const items = itemsOf(whole);
  const issue = (path: readonly (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path: [...path], message });
  checkPlaces(whole, items, context);
  if (whole.disagg && !whole.multinode)
    issue(['disagg'], 'expected false: an engine on one node has no roles; multinode: true has them');
  const said = items.map(({ item }): Readonly<Record<string, unknown>> => ({ ...item }));
  if (whole.multinode)
    for (const { field, neededBy } of missingInConfig({ ...whole }, said))
      issue([field], `missing; ${neededBy}: true needs it at the top of the config or in every item`);
  const isPublic = whole.scenarios['agentic-coding']?.some((block) => !isOwnReplay(block)) ?? false;
  if (isPublic && !whole.runner.startsWith(fleetPrefix))
    issue(
      ['runner'],
      `expected a fleet, such as ${fleetPrefix}b300-nv, because the config has agentic-coding; found '${whole.runner}'`,
    );
}

function itemsOf({ scenarios: all }: WithScenarios): PlacedItem[] {
  return Object.entries(all).flatMap(([scenario, blocks = []]) =>
    blocks.flatMap(({ 'search-space': items }, block) =>
      items.map((item, index) => ({ path: ['scenarios', scenario, block, 'search-space', index], item })),
    ),
  );
}

/** The hardware of a node, from the runners file. */
const nodeHardware = () =>
  z.strictObject({
    'available-cpu-dram-mib': z.int().min(1, 'expected a number above 0'),
    'gpus-per-node': z.int().min(1, 'expected a number above 0'),
  });

const runners = () =>
  z
    .strictObject({
      labels: z.record(z.string(), runnerNodes),
      hardware: z.record(z.string(), nodeHardware()).exactOptional(),
    })
    .transform(({ labels, hardware = {} }): RunnerPools => {
      const ofLabels = Object.entries(hardware).map(([label, node]) => {
        const { 'available-cpu-dram-mib': dramMib, 'gpus-per-node': gpus } = node;
        return [label, { dramMib, gpus }] as const;
      });
      return Object.assign(new Map(Object.entries(labels)), { contract: name, hardware: new Map(ofLabels) });
    });

/** One entry of a master config of August. */
export type AugustConfig = z.output<ReturnType<typeof config>>;
export type AugustNodeConfig = Extract<AugustConfig, { multinode: false }>;
export type AugustNodesConfig = Extract<AugustConfig, { multinode: true }>;
export type AugustNodeItem = z.output<ReturnType<typeof nodeItem>>;
export type AugustNodesItem = z.output<ReturnType<typeof nodesItem>>;

/** The contract of August 2026 (F1, F2): configs with `scenarios`, runners with `labels` and `hardware`. */
export const august: ConfigContract<AugustConfig> = {
  name,
  field: 'scenarios',
  schemas: onFirstUse(() => {
    const one = config();
    return { config: one, configs: z.record(configKey, one), runners: runners() };
  }),
  runnersField: 'labels',
  yaml: '1.1',
};
