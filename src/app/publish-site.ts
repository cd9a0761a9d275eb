import { resolve } from 'node:path';
import { type StoreOptionValues, storeLocation } from '../cli/store-location.ts';
import { ensureWebBuilt, type Published, type PublishProgress, publish } from '../server/index.ts';
import { knowledgeOf } from './knowledge.ts';
import { openExistingStore, withStore } from './store.ts';

/** Writes the dashboard over a store into a folder, with progress on the standard error. */
export async function publishSite(options: StoreOptionValues, folder: string): Promise<Published> {
  const webFolder = await ensureWebBuilt(() => process.stderr.write('building the dashboard, once\n'));
  return await withStore(
    await openExistingStore(storeLocation(options)),
    async (store) =>
      await publish(await knowledgeOf(store, new Date()), {
        webFolder,
        folder: resolve(folder),
        onProgress: progress(),
      }),
  );
}

const progressEveryMs = 2000;

/** Lines on the standard error, not more than one in a while. */
function progress(): PublishProgress {
  let shownMs = performance.now();
  return (done, total) => {
    if (performance.now() - shownMs < progressEveryMs && done < total) return;
    shownMs = performance.now();
    process.stderr.write(`documents: ${done} of ${total}\n`);
  };
}
