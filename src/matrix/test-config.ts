import { type MasterConfigs, matchConfigKeys } from '../config/index.ts';
import type { MatrixEntry } from '../identity/index.ts';
import { type Decision, decideConfig } from './full-sweep.ts';

/** Every entry of the named configs (`*` is a wildcard), unfiltered, in the order the keys are given; throws InputError. */
export function testConfig(configs: MasterConfigs, patterns: readonly string[]): MatrixEntry[] {
  return testConfigDecisions(configs, patterns).flatMap(({ entries }) => entries);
}

/** The same, with the part of a config that makes each entry. */
export function testConfigDecisions(configs: MasterConfigs, patterns: readonly string[]): Decision[] {
  return matchConfigKeys(patterns, [...configs.keys()]).flatMap((key) => {
    const config = configs.get(key);
    return config === undefined ? [] : decideConfig(key, config, {});
  });
}
