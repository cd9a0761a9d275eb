import type { Finding } from '../finding.ts';
import { examineImage, type NodeSettings, poolVariables } from '../launchers/index.ts';
import { examineModel } from '../provision/index.ts';

/** A hub that does not answer must not hold anybody up. */
const hubMs = 10_000;

/** What is fetched for a config. */
export interface Fetched {
  readonly image: string;
  readonly model: string;
}

/** Whether the images and models of configs can be fetched for nodes with such settings: a finding for each. */
export async function examineFetched(
  configs: readonly Fetched[],
  settings: NodeSettings,
): Promise<Finding[]> {
  const found: Finding[] = [];
  // One after the other: each asks a registry.
  for (const image of new Set(configs.map((config) => config.image))) {
    const finding = await examineImage(settings, image);
    if (finding !== undefined) found.push(finding);
  }
  const models = configs.map(({ model }) => model);
  return [...found, ...(await examineModels(models, poolVariables(settings).HF_HUB_CACHE))];
}

/** The same of models alone, which costs one question to the hub for each, all at once. */
export async function examineModels(models: readonly string[], hubCache?: string): Promise<Finding[]> {
  const signal = AbortSignal.timeout(hubMs);
  const found = await Promise.all(
    [...new Set(models)].map(async (model) => await reached(model, { hubCache }, signal)),
  );
  return found.filter((finding) => finding !== undefined);
}

async function reached(
  model: string,
  wanted: { readonly hubCache: string | undefined },
  signal: AbortSignal,
): Promise<Finding | undefined> {
  try {
    return await examineModel(model, wanted, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return {
      check: 'model',
      state: 'warning',
      message: `${model}: unknown whether it can be downloaded: the hub does not answer within ${hubMs / 1000} s`,
      todo: 'check whether this machine can reach the hub (HF_ENDPOINT)',
    };
  }
}
