import { gpuOf } from '../../derived/hardware-key.ts';
import { engines } from '../../engines/index.ts';
import { entryOfRow, type MatrixEntry, unknownImage, withDefinition } from '../../identity/index.ts';
import { augustLengthMargin, maxModelLen, seqLenName } from '../../matrix/index.ts';
import { publicSource, type StoredPoint } from '../../store/index.ts';
import type { Knowledge, NamedConfig } from '../knowledge.ts';
import { publicName } from '../privacy.ts';

type Row = StoredPoint['row'];

export interface Reproduction {
  readonly args: string[];
  readonly stdin: string;
  readonly assumes: string | null;
}

/**
 * The command that repeats a point's measurement, with the matrix entry it reads; null if the row has too few
 * facts.
 * Public points use the public names of hardware and model and often have no image, so image, model and pool
 * are then taken from a config that measures such points.
 */
export function reproduce(
  row: Row,
  source: string,
  { configs, gpus }: Pick<Knowledge, 'configs' | 'gpus'>,
): Reproduction | null {
  // Rows do not contain the additional settings of a multi-node engine.
  if (row.is_multinode || row.tp === undefined) return null;
  const isCopy = source === publicSource.name;
  const hasImage = row.image !== unknownImage;
  if (!isCopy && hasImage) return commandFor(row, row, null);
  const found = configFor(
    row,
    configs,
    gpus.map(({ gpu }) => gpu),
  );
  if (found === undefined) return null;
  const [key, { image, model, runner }] = found;
  const served = { image: hasImage ? row.image : image, model, hw: runner };
  const taken = hasImage ? 'the model and the pool' : 'the image, the model and the pool';
  return commandFor(row, served, `${taken} are those of the current config ${key}`);
}

function commandFor(
  row: Row,
  { image, model, hw }: Pick<Row, 'image' | 'model' | 'hw'>,
  assumes: string | null,
): Reproduction | null {
  const fixed = entryOfRow(
    { ...row, hw, image: publicName(image), model: publicName(model) },
    {
      maxModelLen:
        row.workload === undefined ? maxModelLen(row.isl, row.osl) : row.isl + row.osl + augustLengthMargin,
      expName: `${row.infmax_model_prefix}_${seqLenName(row.isl, row.osl)}`,
    },
  );
  const entry = row.workload === undefined ? fixed : withDefinition(fixed, row);
  if (entry === undefined) return null;
  const taken = [assumes, fileOf(entry)].filter((one) => one !== null);
  return {
    args: ['inferencemax', 'run', '--entries', '-'],
    stdin: JSON.stringify([entry]),
    assumes: taken.length === 0 ? null : taken.join('; '),
  };
}

/** Where the command expects the data set of a workload, which a row has only the digest of. */
function fileOf({ traffic }: MatrixEntry): string | null {
  const { 'dataset-path': path, 'dataset-sha256': digest } = traffic ?? {};
  if (typeof path !== 'string') return null;
  const which = typeof digest === 'string' ? ` (SHA-256 ${digest.slice(0, 12)}…)` : '';
  return `where the data set${which} is; the command expects it at ${path}`;
}

/** A config that measures such points: same model, precision, engine, GPU and speculative decoding. */
function configFor(
  row: Row,
  configs: Knowledge['configs'],
  gpus: readonly string[],
): readonly [key: string, NamedConfig] | undefined {
  const framework = engines.find(({ publishedAs }) => publishedAs?.framework === row.framework)?.framework;
  const gpu = gpuOf(row.hw, gpus);
  return [...configs].find(
    ([, config]) =>
      config.modelPrefix === row.infmax_model_prefix &&
      config.precision === row.precision &&
      config.framework === (framework ?? row.framework) &&
      config.specDecodings.has(row.spec_decoding) &&
      (config.hw === row.hw || (gpu !== null && gpuOf(config.hw, gpus) === gpu)),
  );
}
