import type { MasterConfigs, RunnerPools } from '../config/index.ts';
import type { MatrixEntry } from '../identity/index.ts';
import { generatorFor } from './contracts.ts';
import type { Decision, TestFilters } from './decision.ts';
import { measuredEntries } from './measured.ts';

/** What sweeps measure of the named configs (`*` is a wildcard), in the order of the keys; throws InputError. */
export function testConfig(
  configs: MasterConfigs,
  patterns: readonly string[],
  pools: RunnerPools = new Map(),
): MatrixEntry[] {
  return testConfigDecisions(configs, patterns, pools).flatMap(measuredEntries);
}

/** All entries with the part of the config that generates each. */
export function testConfigDecisions(
  configs: MasterConfigs,
  patterns: readonly string[],
  pools: RunnerPools = new Map(),
  filters: TestFilters = {},
): Decision[] {
  return generatorFor(configs, pools).named(configs, pools, patterns, filters);
}
