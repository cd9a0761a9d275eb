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

export { dataSetHere, type ProvisionedDataSet, provisionDataSet, type WantedDataSet } from './data-set.ts';
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

/**
 * Explains why this machine cannot provide the engine that an `image` names; undefined if it can, as far as is known.
 */
export async function engineFault(image: string, wanted: WantedEngine = {}): Promise<LocalFault | undefined> {
  const source = engineSourceOf(image);
  return source === undefined ? notAnEngine(image, wanted) : await source.fault(image, wanted);
}

/** The kind of engine source that an `image` names; undefined if it may be a container image. */
export function engineSourceKind(image: string): EngineSourceKind | undefined {
  return engineSourceOf(image)?.kind;
}

/** Whether an `image` names a package, which cannot run in a container. */
export function isPackage(image: string): boolean {
  return engineSourceKind(image) === 'package';
}

/** Facts about an engine on a machine that cannot be inspected; none for a package. */
export function unseenEngine(
  image: string,
  wanted: WantedEngine,
): Pick<ProvisionedEngine, 'directory' | 'program' | 'server'> {
  return engineSourceOf(image)?.unseen?.(image, wanted) ?? {};
}

/** Provides the engine that an `image` names on this machine; throws InputError for an image of another kind. */
export async function provisionEngine(
  image: string,
  context: ProvisionContext,
  wanted: WantedEngine = {},
): Promise<ProvisionedEngine> {
  const source = engineSourceOf(image);
  if (source === undefined)
    throw new InputError([notAnEngine(image, wanted)], undefined, { code: 'engine-unavailable' });
  return await source.provision(image, context, wanted);
}

/** Explains why this machine cannot get the weights that a `model` names; undefined if it can, as far as is known. */
export async function modelFault(model: string, wanted: WantedModel = {}): Promise<LocalFault | undefined> {
  const source = modelSourceOf(model);
  return source === undefined ? notWeights(model) : await source.fault(model, wanted);
}

/** Explains why an engine in a container or on another host cannot read a `model`, which it gets unchanged. */
export function modelFaultElsewhere(model: string): Fault | undefined {
  const source = modelSourceOf(model);
  return source === undefined ? notWeights(model) : source.faultElsewhere(model);
}

/** Whether a model can be downloaded now; undefined if it is not downloaded from a network. */
export async function examineModel(
  model: string,
  wanted: WantedModel,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  return await modelSourceOf(model)?.reach?.(model, wanted, signal);
}

/** The content of a model's config.json, if the model is already on this machine. */
export async function modelShapeHere(
  model: string,
  wanted: WantedModel = {},
): Promise<ModelFacts | undefined> {
  const folder = await modelSourceOf(model)?.folderHere?.(model, wanted);
  if (folder === undefined) return undefined;
  const examined = await examineModelFolder(folder, { dummy: wanted.dummy === true });
  return 'folder' in examined ? examined.folder.shape : undefined;
}

/** Puts the weights that a `model` names on disk, once; throws InputError if it is not a known kind of reference. */
export async function provisionModel(
  model: string,
  context: ProvisionContext,
  wanted: WantedModel = {},
): Promise<ProvisionedModel> {
  const source = modelSourceOf(model);
  if (source === undefined)
    throw new InputError([notWeights(model)], undefined, { code: 'model-unavailable' });
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

/** Suggests what a path, or the name of a program or package, was probably meant to be. */
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
