import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { loadGpuConstants, loadMasterConfigs, loadRunnerPools } from '../config/index.ts';
import { InputError, type Problem } from '../errors.ts';
import { testConfigDecisions } from '../matrix/index.ts';
import { type Proposal, propose, type Survey, survey } from '../setup/index.ts';
import { sorted } from './checked-plan.ts';
import { smallestTp } from './checks/fit.ts';
import { checkEntries } from './checks/index.ts';
import { defaultConfigFiles, defaultRunnerConfig } from './default-files.ts';
import { locatedEntries } from './located-entries.ts';
import { modelsOf } from './served-model.ts';

/** What is known better than by looking. */
export interface InitOptions {
  /** The engine: a folder with `bin/`, or the reference of an image. */
  readonly engine?: string | undefined;
  /** The weights: a folder, a GGUF file, or a repository of the hub. */
  readonly model?: string | undefined;
  /** Weights are made up by the engine. */
  readonly dummy?: boolean | undefined;
  /** The pool's name, behind that of its GPU. */
  readonly name?: string | undefined;
}

/** What was found on this machine, and files for a first measurement of it. */
export interface Initial {
  readonly found: Survey;
  readonly proposal: Proposal;
}

/** Looks at this machine and makes a pool and a first config for it, without writing them. */
export async function proposeFiles(options: InitOptions): Promise<Initial> {
  const { engine, model, dummy, name } = options;
  const server = engine?.startsWith('url:') === true ? engine.slice('url:'.length) : undefined;
  const isRepository =
    model !== undefined && !existsSync(model) && /^[\w.-]+\/[\w.-]+(?:@[\w.-]+)?$/.test(model);
  const found = await survey({ engine, model: isRepository ? undefined : model, dummy });
  const served =
    server === undefined ? undefined : (await modelsOf(server, new AbortController().signal))?.[0];
  const gpus = await loadGpuConstants();
  const proposal = propose(found, {
    repository: served ?? (isRepository ? model : undefined),
    dummy,
    suffix: name,
    knownGpus: gpus.map(({ gpu }) => gpu),
    smallestTp: ({ weightBytes, attentionHeads }, memoryBytes) =>
      weightBytes === undefined ? 1 : smallestTp(weightBytes, memoryBytes, attentionHeads),
  });
  return { found, proposal };
}

/** Writes the files of a proposal below the current folder, and checks them; returns what may be wrong. */
export async function writeProposal(
  { files, configKey }: Proposal,
  { force }: { readonly force: boolean },
): Promise<readonly Problem[]> {
  const taken = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (taken.length > 0 && !force)
    throw new InputError(
      `${taken.join(', ')} ${taken.length === 1 ? 'is' : 'are'} there already`,
      'run it in an empty folder, or overwrite them with --force',
    );
  for (const { path, content } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, content);
  }
  const configFiles = defaultConfigFiles();
  const [configs, pools] = await Promise.all([
    loadMasterConfigs(configFiles),
    loadRunnerPools(defaultRunnerConfig()),
  ]);
  const entries = locatedEntries(testConfigDecisions(configs, [configKey], pools), pools, configFiles);
  const { errors, warnings } = sorted(await checkEntries(entries), 'run');
  if (errors.length > 0) throw new InputError(errors);
  return warnings;
}
