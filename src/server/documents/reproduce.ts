import { unknownImage } from '../../derived/candidate.ts';
import { entryOfRow } from '../../identity/index.ts';
import { maxModelLen, seqLenName } from '../../matrix/index.ts';
import type { StoredPoint } from '../../store/index.ts';
import type { Knowledge, NamedConfig } from '../knowledge.ts';
import { publicName } from '../privacy.ts';
import { gpuNamed } from './point-columns.ts';

/** How a point is measured again: the command with the matrix entry that it reads, or why there is none. */
export type Reproduction =
  | { readonly state: 'known'; readonly args: string[]; readonly stdin: string }
  | { readonly state: 'unknown'; readonly reason: string };

/** A command is given only where it can run: with the image that was served, and for a pool that has a recipe. */
export function reproduce(
  row: StoredPoint['row'],
  { configs, gpus }: Pick<Knowledge, 'configs' | 'gpus'>,
): Reproduction {
  if (row.is_multinode || row.tp === undefined)
    return unknown('a row keeps none of the additional settings of an engine of several nodes');
  if (row.image === unknownImage || row.image === '')
    return unknown('the row does not say which image was served');
  const runner = poolOf(row, [...configs.values()], gpus);
  if (runner === undefined)
    return unknown(
      `no config here measures ${row.infmax_model_prefix} in ${row.precision} with ${row.framework} on ${row.hw}`,
    );
  const shown = { ...row, hw: runner, image: publicName(row.image), model: publicName(row.model) };
  const entry = entryOfRow(shown, {
    maxModelLen: maxModelLen(row.isl, row.osl),
    expName: `${row.infmax_model_prefix}_${seqLenName(row.isl, row.osl)}`,
  });
  return {
    state: 'known',
    args: ['inferencemax', 'run', '--entries', '-'],
    stdin: JSON.stringify([entry]),
  };
}

/**
 * The runner pool that a recipe is for: the row's hardware where a config names it so, else the pool of a config of the
 * same model, precision and engine on the same GPU, as a pool's name can be more than that of its GPU (`b200-trt`).
 */
function poolOf(
  row: StoredPoint['row'],
  configs: readonly NamedConfig[],
  gpus: Knowledge['gpus'],
): string | undefined {
  const gpu = gpuNamed(row.hw, gpus);
  // What is on no known GPU was measured by a pool of that name.
  if (gpu === null) return row.hw;
  const same = configs.filter(
    ({ modelPrefix, precision, framework }) =>
      modelPrefix === row.infmax_model_prefix && precision === row.precision && framework === row.framework,
  );
  const pools = same.map(({ hw }) => hw);
  return pools.find((hw) => hw === row.hw) ?? pools.find((hw) => gpuNamed(hw, gpus) === gpu);
}

function unknown(reason: string): Reproduction {
  return { state: 'unknown', reason };
}
