import { dirname, join } from 'node:path';
import { type Configured, fileAtRef, filesAtRef, pathInRepository, type Sides } from '../changelog/index.ts';
import {
  contractOfConfigs,
  loadMasterConfigs,
  loadRunnerPools,
  type MasterConfigs,
  parseMasterConfigs,
  parseRunnerPools,
  type RunnerPools,
} from '../config/index.ts';
import { defaultConfigFiles, defaultRunnerConfig, isMasterConfig } from './default-files.ts';

/** Which files say what is measured; the checked-in ones where none are named. */
export interface ConfigOptions {
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
}

/** The configs and pools of both sides of a change: those of the files as they are, and of the same files at a ref. */
export async function changelogSides(
  repository: string,
  baseRef: string,
  options: ConfigOptions,
): Promise<Sides> {
  const files = options.configFiles ?? defaultConfigFiles();
  const configs = await loadMasterConfigs(files);
  const runners = options.runnerConfig ?? defaultRunnerConfig(files);
  const isAsked = options.runnerConfig !== undefined || needsPools(configs);
  const pools: RunnerPools = isAsked ? await loadRunnerPools(runners) : new Map();
  return {
    head: { configs, pools },
    base: () => configuredAt({ repository, ref: baseRef }, files, { runners, ...options }),
  };
}

/** Entries of January's contract are made of configs alone. */
function needsPools(configs: MasterConfigs): boolean {
  return contractOfConfigs(configs, new Map()).runnersField !== undefined;
}

interface AtRef {
  readonly repository: string;
  readonly ref: string;
}

async function configuredAt(
  { repository, ref }: AtRef,
  files: readonly string[],
  { runners, configFiles }: ConfigOptions & { readonly runners: string },
): Promise<Configured> {
  const paths = await Promise.all(files.map((file) => pathInRepository(repository, file)));
  const texts = new Map<string, string>();
  const folder = configFiles === undefined ? paths[0] && dirname(paths[0]) : undefined;
  if (folder === undefined) {
    for (const path of paths) {
      const text = await fileAtRef(repository, ref, path);
      if (text !== '') texts.set(`${path} at ${ref}`, text);
    }
  } else {
    for (const [name, text] of await filesAtRef(repository, ref, folder))
      if (isMasterConfig(name)) texts.set(`${join(folder, name)} at ${ref}`, text);
  }
  const path = await pathInRepository(repository, runners);
  const [configs, pools] = await Promise.all([
    parseMasterConfigs(texts),
    parseRunnerPools(`${path} at ${ref}`, await fileAtRef(repository, ref, path)),
  ]);
  return { configs, pools };
}
