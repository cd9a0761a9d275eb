import type { Finding } from '../finding.ts';
import { examineImage, type NodeSettings, poolVariables } from '../launchers/index.ts';
import { examineModel } from '../provision/index.ts';

/** Timeout for the hub in ms, so that a slow hub does not delay the checks. */
const hubMs = 10_000;

/** What a config needs to download. */
export interface Fetched {
  readonly image: string;
  readonly model: string;
}

/**
 * Checks whether the images and models of configs can be downloaded by nodes with these settings; one finding
 * each.
 */
export async function examineFetched(
  configs: readonly Fetched[],
  settings: NodeSettings,
): Promise<Finding[]> {
  const found: Finding[] = [];
  // In sequence, because each one asks a registry.
  for (const image of new Set(configs.map((config) => config.image))) {
    const finding = await examineImage(settings, image);
    if (finding !== undefined) found.push(finding);
  }
  const models = configs.map(({ model }) => model);
  return [...found, ...(await examineModels(models, poolVariables(settings).HF_HUB_CACHE))];
}

/** Checks models only: one request per model to the hub, all in parallel. */
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
      message: `${model}: unknown whether it can be downloaded: the hub did not answer within ${hubMs / 1000} s`,
      todo: 'check whether this machine can reach the hub (HF_ENDPOINT)',
    };
  }
}
