import { loadMasterConfigs, loadRunnerPools } from '../config/index.ts';
import { type Knowledge, loadKnowledge } from '../server/index.ts';
import type { Store } from '../store/index.ts';
import { defaultConfigFiles, defaultRunnerConfig } from './default-files.ts';

/**
 * The data from which answers are made: the store, and the checked-in configs that changelog entries refer
 * to.
 */
export async function knowledgeOf(store: Store, publishedAt?: Date): Promise<Knowledge> {
  const [configs, pools] = await Promise.all([
    loadMasterConfigs(defaultConfigFiles()),
    loadRunnerPools(defaultRunnerConfig()),
  ]);
  return await loadKnowledge(store, { configs, pools }, publishedAt);
}
