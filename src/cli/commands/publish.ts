import { resolve } from 'node:path';
import { Command } from 'commander';
import { ensureWebBuilt, type PublishProgress, publish } from '../../server/index.ts';
import { knowledgeOf } from '../knowledge.ts';
import { jsonOption } from '../options.ts';
import { openExistingStore, type StoreOptionValues, storeOptions, withStore } from '../store-location.ts';

interface PublishOptions extends StoreOptionValues {
  readonly json?: true;
}

/** `inferencemax publish`: the dashboard as files. */
export function command(): Command {
  const publishing = new Command('publish').description(
    'Writes the dashboard with its data as files that any web server or file host can serve.',
  );
  for (const option of storeOptions()) publishing.addOption(option);
  return publishing
    .argument('<folder>', 'an empty folder, or one that was published into before')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  inferencemax publish site

Only what changed is written, the first page last. Addresses are relative: it works below any path.`,
    )
    .action(async (folder: string, options: PublishOptions) => {
      const webFolder = await ensureWebBuilt(() => process.stderr.write('building the dashboard, once\n'));
      await withStore(await openExistingStore(options), async (store) => {
        const done = await publish(await knowledgeOf(store, new Date()), {
          webFolder,
          folder: resolve(folder),
          onProgress: progress(),
        });
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ folder: resolve(folder), ...done })}\n`
            : `published to ${folder}: ${done.written} files written, ${done.unchanged} unchanged, ${done.removed} removed, ${(done.bytes / 1e6).toFixed(1)} MB\n`,
        );
      });
    });
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
