import { resolve } from 'node:path';
import { Command } from 'commander';
import { ensureWebBuilt, publish } from '../../server/index.ts';
import { knowledgeOf } from '../knowledge.ts';
import { jsonOption, stateDirOption } from '../options.ts';
import { StateFolder } from '../state-folder.ts';
import { openStoreOf, storeOption } from '../store-option.ts';

interface PublishOptions {
  readonly stateDir: string;
  readonly store?: string;
  readonly json?: true;
}

/** `inferencemax publish`: the dashboard as files. */
export function command(): Command {
  return new Command('publish')
    .description('Writes the dashboard with its data as files that any web server or file host can serve.')
    .argument('<folder>', 'an empty folder, or one that was published into before')
    .addOption(stateDirOption())
    .addOption(storeOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  inferencemax publish site

Only what changed is written, the first page last. Addresses are relative: it works below any path.`,
    )
    .action(async (folder: string, { stateDir, store: location, json }: PublishOptions) => {
      const webFolder = await ensureWebBuilt(() => process.stderr.write('building the dashboard, once\n'));
      const store = await openStoreOf(new StateFolder(stateDir), location);
      try {
        let shown = performance.now();
        const done = await publish(await knowledgeOf(store, new Date()), {
          webFolder,
          folder: resolve(folder),
          onProgress: (documents, total) => {
            if (performance.now() - shown < 2000 && documents < total) return;
            shown = performance.now();
            process.stderr.write(`documents: ${documents} of ${total}\n`);
          },
        });
        process.stdout.write(
          json
            ? `${JSON.stringify({ folder: resolve(folder), ...done })}\n`
            : `published to ${folder}: ${done.written} files written, ${done.unchanged} unchanged, ${done.removed} removed, ${(done.bytes / 1e6).toFixed(1)} MB\n`,
        );
      } finally {
        await store.close();
      }
    });
}
