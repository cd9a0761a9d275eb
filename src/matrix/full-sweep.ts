import type { MasterConfigs, RunnerPools } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { isAgentic, type MatrixEntry } from '../identity/entry.ts';
import { generatorFor } from './contracts.ts';
import type { Decision, NodeKind, SweepFilters } from './decision.ts';

/** Every entry with lengths of every config that passes the filters, as the contract of the configs makes them. */
export function fullSweep(
  configs: MasterConfigs,
  pools: RunnerPools,
  filters: SweepFilters = {},
  kinds: readonly NodeKind[] = ['single', 'multi'],
): MatrixEntry[] {
  return decide(configs, pools, filters, kinds).flatMap(withLengths);
}

/** What of a decision has lengths, which is what is planned and measured here. */
export function withLengths({ entries }: Decision): MatrixEntry[] {
  return entries.flatMap((entry) => (isAgentic(entry) ? [] : [entry]));
}

/** What every part of every config makes, or why it makes nothing. */
export function decide(
  configs: MasterConfigs,
  pools: RunnerPools,
  filters: SweepFilters = {},
  kinds: readonly NodeKind[] = ['single', 'multi'],
): Decision[] {
  const generator = generatorFor(configs, pools);
  refuseUnknownPools(filters.runnerTypes ?? [], pools);
  return generator.sweep(configs, pools, filters, kinds);
}

function refuseUnknownPools(names: readonly string[], pools: RunnerPools): void {
  const unknown = names.filter((name) => !pools.has(name));
  if (unknown.length > 0) {
    throw new InputError(
      `no runner pool ${unknown.join(', ')}`,
      `the pools are ${[...pools.keys()].join(', ')}`,
    );
  }
}
