import { InputError, type Problem } from '../errors.ts';
import type { ContractSchemas } from './contract.ts';
import { type Config, type Contract, contractOf, contractOfFile, contracts } from './contracts.ts';
import { withDigests } from './data-set-digests.ts';
import type { RunnerPools } from './runner-pools.ts';
import { type Checked, parseYamlOf, readYamlOf, type YamlForm } from './yaml-file.ts';
import type { YamlFile } from './yaml-positions.ts';

/** Configs by key, in the order of the files. */
export type MasterConfigs = ReadonlyMap<string, Config>;

/** Master configs, and the position of each of their parts. */
export interface LocatedConfigs {
  readonly configs: MasterConfigs;
  /** File, line and column of a part of a config; an empty path means the config itself. */
  locate(key: string, path: readonly PropertyKey[]): Pick<Problem, 'file' | 'line' | 'column'>;
}

/** Loads and merges master configs. Throws InputError with every problem of every file, and for a key that is in two files. */
export async function loadMasterConfigs(files: readonly string[]): Promise<MasterConfigs> {
  return merge(await loadFiles(files)).configs;
}

/** Parses texts by file name, such as those of a commit, like `loadMasterConfigs`. */
export async function parseMasterConfigs(texts: ReadonlyMap<string, string>): Promise<MasterConfigs> {
  const read = (file: string) => parsedFile((formOf) => parseYamlOf(file, texts.get(file) ?? '', formOf));
  return merge(await checkedFiles([...texts.keys()].map(read))).configs;
}

/** Loads master configs and keeps the positions of their parts. */
export async function loadLocatedConfigs(files: readonly string[]): Promise<LocatedConfigs> {
  const { configs, definedIn } = merge(await loadFiles(files));
  const located = new Map<MasterConfigFile, YamlFile>();
  for (const file of new Set(definedIn.values())) located.set(file, await file.located());
  return {
    configs,
    locate: (key, path) => {
      const file = definedIn.get(key);
      return (file === undefined ? undefined : located.get(file))?.locate([key, ...path]) ?? {};
    },
  };
}

interface MasterConfigFile extends Checked<ContractSchemas<Config>['configs']> {
  readonly contract: Contract;
}

async function loadFiles(files: readonly string[]): Promise<MasterConfigFile[]> {
  const checked = await checkedFiles(files.map((file) => parsedFile((formOf) => readYamlOf(file, formOf))));
  return await Promise.all(checked.map(async (one) => ({ ...one, data: await withDigests(one.data) })));
}

async function checkedFiles(files: readonly Promise<MasterConfigFile>[]): Promise<MasterConfigFile[]> {
  const loaded = await Promise.allSettled(files);
  const problems = loaded.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (!(result.reason instanceof InputError)) throw result.reason;
    return result.reason.problems;
  });
  const good = loaded.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const more = [...(await doublyDefined(good)), ...(await ofOtherContracts(good))];
  if (problems.length + more.length > 0)
    throw new InputError([...more, ...problems], undefined, { code: 'bad-config' });
  return good;
}

type FormOf = (content: unknown) => YamlForm<ContractSchemas<Config>['configs']>;

async function parsedFile(
  parse: (formOf: FormOf) => Promise<Checked<ContractSchemas<Config>['configs']>>,
): Promise<MasterConfigFile> {
  let contract = contracts[0];
  const checked = await parse((content) => {
    contract = contractOfFile(content);
    const { schemas, yaml } = contract;
    const { configs: schema } = schemas();
    return { schema, yaml, faults: configsOfOthers(content, contract) };
  });
  return { ...checked, contract };
}

const oneForm =
  "all files of one command must have the same format: `inferencemax config migrate` converts January's to August's";

/** Configs whose format differs from that of the first config in their file. */
function configsOfOthers(content: unknown, { name, field }: Contract) {
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).flatMap(([key, config]) => {
    const other = contractOf(config);
    if (other === undefined || other.name === name) return [];
    const message = `config '${key}' has the ${other.name} format (${other.field}), but this file has that of ${name} (${field})`;
    return [{ path: [key, other.field], message, hint: oneForm }];
  });
}

/** Files whose format differs from that of the first file. A file without configs has no format. */
async function ofOtherContracts(files: readonly MasterConfigFile[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const [first, ...others] = files.filter(({ data }) => Object.keys(data).length > 0);
  for (const { contract, data, file, located } of others) {
    const [key] = Object.keys(data);
    if (first === undefined || key === undefined || contract.name === first.contract.name) continue;
    const { name, field } = first.contract;
    problems.push({
      ...(await located()).locate([key, contract.field], 'key'),
      message: `${file} has the ${contract.name} format (${contract.field}), but ${first.file} has that of ${name} (${field})`,
      hint: oneForm,
    });
  }
  return problems;
}

/**
 * The contract of configs and of the pools that they are used with; the oldest if neither shows one. Throws InputError if
 * they follow different contracts.
 */
export function contractOfConfigs(configs: MasterConfigs, pools: RunnerPools): Contract {
  const [config] = configs.values();
  const ofPools = contracts.find(({ name }) => name === pools.contract);
  const own = contractOf(config) ?? ofPools ?? contracts[0];
  if (ofPools === undefined || ofPools.name === own.name) return own;
  const { name, field } = own;
  throw new InputError(
    `the configs have the ${name} format (${field}), but the runner pools have that of ${ofPools.name} (${topOf(ofPools)})`,
    oneForm,
    { code: 'mixed-contracts' },
  );
}

function topOf({ runnersField }: Contract): string {
  return runnersField ?? 'pools at the top of the file';
}

async function doublyDefined(files: readonly MasterConfigFile[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const first = new Map<string, MasterConfigFile>();
  for (const file of files) {
    for (const key of Object.keys(file.data)) {
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, file);
      else {
        const place = (await file.located()).locate([key], 'key');
        problems.push({ ...place, message: `config key '${key}' is already defined in ${earlier.file}` });
      }
    }
  }
  return problems;
}

function merge(files: readonly MasterConfigFile[]) {
  const definedIn = new Map(
    files.flatMap((file) => Object.keys(file.data).map((key) => [key, file] as const)),
  );
  const configs = new Map<string, Config>(files.flatMap((file) => Object.entries(file.data)));
  return { configs, definedIn };
}
