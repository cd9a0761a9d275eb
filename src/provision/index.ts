import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Fault, InputError } from '../errors.ts';
import { huggingFace } from './hugging-face.ts';
import { localPath } from './local-path.ts';
import { npmEngine } from './npm.ts';
import type {
  EngineSource,
  ModelFault,
  ModelSource,
  ProvisionContext,
  ProvisionedEngine,
  ProvisionedModel,
} from './provision.ts';
import { pypiModel } from './pypi.ts';
import { pypiEngine } from './pypi-engine.ts';

export { inWords } from './disk-space.ts';
export { floatPrecisionFault, floatWeights } from './float-weights.ts';
export type {
  ModelFault,
  ProvisionContext,
  ProvisionedEngine,
  ProvisionedModel,
  ProvisionProgress,
} from './provision.ts';

const engineSources: readonly EngineSource[] = [npmEngine, pypiEngine];
const modelSources: readonly ModelSource[] = [pypiModel, localPath, huggingFace];

/** What keeps the engine that an `image` names from being installed; undefined if nothing is known to. */
export function engineFault(image: string): Fault | undefined {
  const source = engineSourceOf(image);
  return source === undefined ? notAnEngine(image) : source.fault(image);
}

/** Whether an `image` names a package, which no container can be made of. */
export function isPackage(image: string): boolean {
  return engineSourceOf(image) !== undefined;
}

/** Puts the engine that an `image` names on the disk, once; throws InputError for an image of another kind. */
export async function provisionEngine(image: string, context: ProvisionContext): Promise<ProvisionedEngine> {
  const source = engineSourceOf(image);
  if (source === undefined) throw new InputError([notAnEngine(image)]);
  return await source.provision(image, context);
}

/** What keeps the weights that a `model` names from being put on this machine's disk; undefined if nothing is known to. */
export async function modelFault(model: string): Promise<ModelFault | undefined> {
  const source = modelSourceOf(model);
  return source === undefined ? notWeights(model) : await source.fault(model);
}

/** What keeps an engine in a container or on another host from reading a `model`, which it is given as it is. */
export function modelFaultElsewhere(model: string): Fault | undefined {
  const source = modelSourceOf(model);
  return source === undefined ? notWeights(model) : source.faultElsewhere(model);
}

/** Puts the weights that a `model` names on the disk, once; throws InputError when it names nothing known. */
export async function provisionModel(model: string, context: ProvisionContext): Promise<ProvisionedModel> {
  const source = modelSourceOf(model);
  if (source === undefined) throw new InputError([notWeights(model)]);
  return await source.provision(model, context);
}

function engineSourceOf(image: string): EngineSource | undefined {
  return engineSources.find(({ accepts }) => accepts(image));
}

function modelSourceOf(model: string): ModelSource | undefined {
  return modelSources.find(({ accepts }) => accepts(model));
}

function notAnEngine(image: string): Fault {
  const examples = engineSources.map(({ example }) => example).join(', ');
  return {
    message: `image '${image}' is not an engine that can be installed`,
    hint: `expected one such as ${examples}; a container image needs a pool whose launcher runs containers`,
  };
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
