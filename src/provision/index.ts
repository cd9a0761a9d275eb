import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Fault, InputError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import type { ModelFacts } from '../model-facts.ts';
import { huggingFace } from './hugging-face.ts';
import { localPath } from './local-path.ts';
import { examineModelFolder } from './model-folder.ts';
import { npmEngine } from './npm.ts';
import { commandEngine, pathEngine, saysItsVersion } from './present-engine.ts';
import type {
  EngineSource,
  EngineSourceKind,
  LocalFault,
  ModelSource,
  ProvisionContext,
  ProvisionedEngine,
  ProvisionedModel,
  WantedEngine,
  WantedModel,
} from './provision.ts';
import { pypiModel } from './pypi.ts';
import { pypiEngine } from './pypi-engine.ts';
import { runningServer } from './running-server.ts';

export { inWords } from './disk-space.ts';
export { floatPrecisionFault, floatWeights } from './float-weights.ts';
export { defaultHubCache } from './hub-folder.ts';
export { type InstalledEngine, installedEngine } from './installed-engine.ts';
export { examineModelFolder, type ModelFolder } from './model-folder.ts';
export { type ModelOnHost, modelOnHost } from './model-on-host.ts';
export { presentVersion } from './present-engine.ts';
export type {
  EngineSourceKind,
  LocalFault,
  ProvisionContext,
  ProvisionedEngine,
  ProvisionedModel,
  ProvisionProgress,
  WantedEngine,
  WantedModel,
} from './provision.ts';

const engineSources: readonly EngineSource[] = [
  npmEngine,
  pypiEngine,
  pathEngine,
  commandEngine,
  runningServer,
];
const modelSources: readonly ModelSource[] = [pypiModel, localPath, huggingFace];

/** What keeps the engine that an `image` names from being had on this machine; undefined if nothing is known to. */
export async function engineFault(image: string, wanted: WantedEngine = {}): Promise<LocalFault | undefined> {
  const source = engineSourceOf(image);
  return source === undefined ? notAnEngine(image, wanted) : await source.fault(image, wanted);
}

/** What an `image` is beside a container's; undefined for one that may be that. */
export function engineSourceKind(image: string): EngineSourceKind | undefined {
  return engineSourceOf(image)?.kind;
}

/** Whether an `image` names a package, which no container can be made of. */
export function isPackage(image: string): boolean {
  return engineSourceKind(image) === 'package';
}

/** What is known of an engine where it cannot be looked at: of a package nothing. */
export function unseenEngine(
  image: string,
  wanted: WantedEngine,
): Pick<ProvisionedEngine, 'directory' | 'program' | 'server'> {
  return engineSourceOf(image)?.unseen?.(image, wanted) ?? {};
}

/** Has the engine that an `image` names on this machine; throws InputError for an image of another kind. */
export async function provisionEngine(
  image: string,
  context: ProvisionContext,
  wanted: WantedEngine = {},
): Promise<ProvisionedEngine> {
  const source = engineSourceOf(image);
  if (source === undefined) throw new InputError([notAnEngine(image, wanted)]);
  return await source.provision(image, context, wanted);
}

/** What keeps the weights that a `model` names from being put on this machine's disk; undefined if nothing is known to. */
export async function modelFault(model: string, wanted: WantedModel = {}): Promise<LocalFault | undefined> {
  const source = modelSourceOf(model);
  return source === undefined ? notWeights(model) : await source.fault(model, wanted);
}

/** What keeps an engine in a container or on another host from reading a `model`, which it is given as it is. */
export function modelFaultElsewhere(model: string): Fault | undefined {
  const source = modelSourceOf(model);
  return source === undefined ? notWeights(model) : source.faultElsewhere(model);
}

/** Whether a model could be fetched now; undefined where it is not fetched from a network. */
export async function examineModel(
  model: string,
  wanted: WantedModel,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  return await modelSourceOf(model)?.reach?.(model, wanted, signal);
}

/** What the config.json of a model says, where the model is on this machine already. */
export async function modelShapeHere(
  model: string,
  wanted: WantedModel = {},
): Promise<ModelFacts | undefined> {
  const folder = await modelSourceOf(model)?.folderHere?.(model, wanted);
  if (folder === undefined) return undefined;
  const examined = await examineModelFolder(folder, { dummy: wanted.dummy === true });
  return 'folder' in examined ? examined.folder.shape : undefined;
}

/** Puts the weights that a `model` names on the disk, once; throws InputError when it names nothing known. */
export async function provisionModel(
  model: string,
  context: ProvisionContext,
  wanted: WantedModel = {},
): Promise<ProvisionedModel> {
  const source = modelSourceOf(model);
  if (source === undefined) throw new InputError([notWeights(model)]);
  return await source.provision(model, context, wanted);
}

function engineSourceOf(image: string): EngineSource | undefined {
  return engineSources.find(({ accepts }) => accepts(image));
}

function modelSourceOf(model: string): ModelSource | undefined {
  return modelSources.find(({ accepts }) => accepts(model));
}

function notAnEngine(image: string, wanted: WantedEngine): Fault {
  const examples = engineSources.map(({ example }) => example).join(', ');
  return {
    message: `image '${image}' is not an engine that can be installed or is present`,
    hint: `${meant(image, wanted)}expected one such as ${examples}; a container image needs a pool whose launcher runs containers`,
  };
}

/** What a path, the name of a program or of a package was probably meant to be. */
function meant(image: string, { program, packages: [name] = [] }: WantedEngine): string {
  if (/^[.~]{0,2}\//.test(image))
    return `write path:${image} for an engine that is installed in that folder; `;
  if (/^pip:/.test(image) && name !== undefined)
    return `write pypi:${name}==VERSION for one that is installed from PyPI; `;
  if (!/^[\w-]+$/.test(image)) return '';
  const command = program !== undefined && saysItsVersion(program) ? program : image;
  return `write command:${command} for an engine whose program is on the PATH; `;
}

function notWeights(model: string): Fault {
  const examples = modelSources.map(({ example }) => example).join(', ');
  return { message: `model '${model}' is not a reference to weights`, hint: `expected one like ${examples}` };
}

/** `$INFERENCEMAX_CACHE`, else `$XDG_CACHE_HOME/inferencemax`, else `~/.cache/inferencemax`. */
export function defaultCacheDir(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return (
    environment.INFERENCEMAX_CACHE ??
    join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'inferencemax')
  );
}
