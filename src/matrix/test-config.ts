import { closest, type MasterConfigs } from '../config/index.ts';
import { InputError } from '../errors.ts';
import type { MatrixEntry } from './entry.ts';
import { entriesOf } from './full-sweep.ts';

/** Every entry of the named configs, unfiltered, in the order the keys are given; throws InputError for unknown keys. */
export function testConfig(configs: MasterConfigs, keys: readonly string[]): MatrixEntry[] {
  const unknown = keys.filter((key) => !configs.has(key));
  if (unknown.length > 0) {
    const available = `available keys: ${[...configs.keys()].toSorted().join(', ')}`;
    throw new InputError(
      unknown.map((key) => {
        const near = closest(key, configs.keys());
        return {
          message: `no config '${key}'`,
          hint: near === undefined ? available : `did you mean '${near}'? ${available}`,
        };
      }),
    );
  }
  return keys.flatMap((key) => {
    const config = configs.get(key);
    return config === undefined ? [] : entriesOf(config, config.multinode ? 'multi' : 'single');
  });
}
