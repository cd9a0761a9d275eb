import { InputError } from '../../errors.ts';
import { august } from '../august.ts';
import { contractOf, contractOfRunners } from '../contracts.ts';
import { january } from '../january.ts';
import { problemsOf } from '../problems.ts';
import { parseYamlAs } from '../yaml-file.ts';
import { parseYaml, type YamlFile } from '../yaml-positions.ts';
import { migratedConfigs, oldPath, type TransferOf } from './configs.ts';
import { refuseOtherMeaning } from './meaning.ts';
import { migratedRunners } from './runners.ts';

export type { TransferOf } from './configs.ts';

/** A file in the new format. */
export interface MigratedFile {
  readonly kind: 'configs' | 'runners';
  readonly text: string;
  readonly changed: boolean;
}

/**
 * A master config or a runners file of January in the form of August, with its comments and its order; a file that has
 * that form stays as it is. Throws InputError, by lines of the old text, for anything that the new format cannot express.
 */
export async function migrated(file: string, text: string, transferOf: TransferOf): Promise<MigratedFile> {
  const old = parseYaml(file, text);
  const kind = kindOf(old.value);
  if (kind === undefined)
    throw new InputError([
      { code: 'bad-config', file, message: 'is neither a master config nor a runner pool file' },
    ]);
  if (isNew(kind, old.value)) return { kind, text, changed: false };
  await parseYamlAs(file, text, january.schemas()[kind]);
  const { text: written, value } =
    kind === 'configs' ? migratedConfigs(text, old, transferOf) : migratedRunners(text, old.value);
  refuseOtherMeaning(old, value, parseYaml(file, written, august.yaml).value, oldPath[kind]);
  const schema = august.schemas()[kind];
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success)
    throw new InputError(problemsOf(inOldPlaces(old, value, kind), schema, parsed.error), undefined, {
      code: 'bad-config',
    });
  return { kind, text: written, changed: true };
}

function kindOf(content: unknown): MigratedFile['kind'] | undefined {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const values = Object.values(content);
  if (values.some((value) => contractOf(value) !== undefined)) return 'configs';
  const isOfPools = contractOfRunners(content).name === august.name || values.every(Array.isArray);
  return isOfPools && values.length > 0 ? 'runners' : undefined;
}

function isNew(kind: MigratedFile['kind'], content: unknown): boolean {
  if (kind === 'runners') return contractOfRunners(content).name === august.name;
  return Object.values(content ?? {}).every((config) => contractOf(config)?.name === august.name);
}

/** The new value, with each part's position in the old file. */
function inOldPlaces(old: YamlFile, value: unknown, kind: MigratedFile['kind']): YamlFile {
  return { ...old, value, locate: (path, what) => old.locate(oldPath[kind](path), what) };
}
