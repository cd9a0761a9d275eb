import { resolve } from 'node:path';
import { defined } from '../defined/defined.ts';
import { ensureWebBuilt, type Published, type PublishProgress, publish } from '../server/index.ts';
import { knowledgeOf } from './knowledge.ts';
import { openExistingStore, withStore } from './store.ts';

/** Writes the dashboard for a store into a folder. Throws InputError if the store does not exist. */
export async function publishSite(
  storeLocation: string,
  folder: string,
  note: (text: string) => void,
  siteUrl?: URL,
): Promise<Published> {
  const webFolder = await ensureWebBuilt(() => note('building the dashboard (first start only)'));
  const done = await withStore(
    await openExistingStore(storeLocation),
    async (store) =>
      await publish(await knowledgeOf(store, new Date()), {
        webFolder,
        folder: resolve(folder),
        ...defined({ siteUrl }),
        onProgress: progress(note),
      }),
  );
  for (const { document, reason } of done.leftOut) note(`warning: left out ${document}: ${reason}`);
  return done;
}

const progressEveryMs = 2000;

/** Reports progress at a limited rate. */
function progress(note: (text: string) => void): PublishProgress {
  let shownMs = performance.now();
  return (done, total) => {
    if (performance.now() - shownMs < progressEveryMs && done < total) return;
    shownMs = performance.now();
    note(`documents: ${done} of ${total}`);
  };
}
