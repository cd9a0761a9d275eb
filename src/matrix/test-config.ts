import { type MasterConfigs, matchConfigKeys } from '../config/index.ts';
import type { MatrixEntry } from './entry.ts';
import { entriesOf } from './full-sweep.ts';

/** Every entry of the named configs (`*` is a wildcard), unfiltered, in the order the keys are given; throws InputError. */
export function testConfig(configs: MasterConfigs, patterns: readonly string[]): MatrixEntry[] {
  return matchConfigKeys(patterns, [...configs.keys()]).flatMap((key) => {
    const config = configs.get(key);
    return config === undefined ? [] : entriesOf(config);
  });
}
