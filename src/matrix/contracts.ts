import { contractOfConfigs, type MasterConfigs, type RunnerPools } from '../config/index.ts';
import { august } from './august/index.ts';
import type { Generator } from './generator.ts';
import { january } from './january.ts';

/** The generators of all contracts. */
export const generators: readonly [Generator, ...Generator[]] = [january, august];

/** The generator for these configs. Throws InputError if configs and pools follow different contracts. */
export function generatorFor(configs: MasterConfigs, pools: RunnerPools): Generator {
  const contract = contractOfConfigs(configs, pools);
  return generators.find((one) => one.contract.name === contract.name) ?? generators[0];
}

/** The names of all shapes, for `--seq-lens`. */
export const publicSeqLens = [
  ...new Set(generators.flatMap(({ seqLenNames }) => Object.values(seqLenNames))),
];
