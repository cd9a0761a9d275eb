import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { loadGpuConstants, loadMasterConfigs, loadRunnerPools } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError, type Problem } from '../errors.ts';
import { testConfigDecisions } from '../matrix/index.ts';
import { type Proposal, propose, type Survey, survey } from '../setup/index.ts';
import { sorted } from './checked-plan.ts';
import { smallestTp } from './checks/fit.ts';
import { checkEntries } from './checks/index.ts';
import { defaultConfigFiles, defaultRunnerConfig } from './default-files.ts';
import { locatedEntries } from './located-entries.ts';
import { examineModels } from './reach.ts';
import { modelsOf } from './served-model.ts';

/** Options that override what is found on this machine. */
export interface InitOptions {
  /** The engine: a folder with `bin/`, or an image reference. */
  readonly engine?: string | undefined;
  /** The weights: a folder, a GGUF file, or a repository of the Hugging Face Hub. */
  readonly model?: string | undefined;
  /** Use dummy weights. */
  readonly dummy?: boolean | undefined;
  /** The pool's name, to be appended to that of its GPU. */
  readonly name?: string | undefined;
  /** Refuse a machine without a GPU. */
  readonly gpuOnly?: boolean | undefined;
}

/** What was found on this machine, and the files for a first measurement on it. */
export interface Initial {
  readonly found: Survey;
  readonly proposal: Proposal;
  /** Why the weights cannot be downloaded, if they are not on this machine. */
  readonly unreached?: Problem;
}

/** Examines this machine and proposes a pool and a first config for it, without writing them. */
export async function proposeFiles(options: InitOptions): Promise<Initial> {
  const { engine, model, dummy, name, gpuOnly } = options;
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
    gpuOnly,
    suffix: name,
    knownGpus: gpus.map(({ gpu }) => gpu),
    smallestTp: ({ weightBytes, attentionHeads }, memoryBytes) =>
      weightBytes === undefined ? 1 : smallestTp(weightBytes, memoryBytes, attentionHeads),
  });
  const unreached = isRepository && server === undefined ? await hubTrouble(model) : undefined;
  return { found, proposal, ...defined({ unreached }) };
}

/** Why a repository of the Hub cannot be downloaded now; undefined if it can. */
async function hubTrouble(repository: string): Promise<Problem | undefined> {
  const [finding] = await examineModels([repository]);
  if (finding === undefined || finding.state === 'ok') return undefined;
  const folder = 'without a network, use a folder of weights: --model /models/NAME';
  const { todo } = finding;
  return {
    message: `these weights are not on this machine: ${finding.message}`,
    hint: todo === undefined ? folder : `${todo}; ${folder}`,
  };
}

/**
 * Writes the files of a proposal into the current folder and checks them; returns the warnings.
 * @param otherwise The hint of the error if files exist already.
 */
export async function writeProposal(
  { files, configKey }: Proposal,
  { force, otherwise }: { readonly force: boolean; readonly otherwise: string },
): Promise<readonly Problem[]> {
  const taken = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (taken.length > 0 && !force)
    throw new InputError(
      `${taken.join(', ')} already ${taken.length === 1 ? 'exists' : 'exist'}`,
      otherwise,
      { code: 'file-exists' },
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
