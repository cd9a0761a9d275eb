import {
  type Config,
  hardwareOfPool,
  itemsOf,
  loadGpuConstants,
  type MasterConfigs,
  poolOf,
  type RunnerPools,
} from '../config/index.ts';
import { productVersion } from '../product-version.ts';
import type { Store } from '../store/index.ts';
import type { Knowledge, NamedConfig } from './knowledge.ts';

/** Loads the data from which answers are made; throws InputError if the GPU constants are invalid. */
export async function loadKnowledge(
  store: Store,
  named: { readonly configs: MasterConfigs; readonly pools: RunnerPools },
  publishedAt: Date | null = null,
): Promise<Knowledge> {
  return {
    store,
    gpus: await loadGpuConstants(),
    configs: namedConfigs(named.configs, named.pools),
    publishedAt: publishedAt?.toISOString() ?? null,
    productVersion: productVersion(),
  };
}

function namedConfigs(configs: MasterConfigs, pools: RunnerPools): ReadonlyMap<string, NamedConfig> {
  return new Map(
    [...configs].map(([key, config]) => {
      const { 'model-prefix': modelPrefix, precision, framework, runner, image, model } = config;
      const hw = hardwareOfPool(poolOf(runner, pools) ?? runner);
      const specDecodings = specDecodingsOf(config);
      return [key, { modelPrefix, precision, framework, hw, image, model, runner, specDecodings }];
    }),
  );
}

/** The kinds of speculative decoding that a config measures. */
function specDecodingsOf(config: Config): ReadonlySet<string> {
  return new Set(itemsOf(config).map(({ 'spec-decoding': specDecoding = 'none' }) => specDecoding));
}
