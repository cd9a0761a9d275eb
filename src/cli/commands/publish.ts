import { resolve } from 'node:path';
import { Command } from 'commander';
import { publishSite } from '../../app/publish-site.ts';
import { jsonOption, siteUrlOption } from '../options.ts';
import { storeLocation } from '../store-location.ts';
import { type StoreOptionValues, storeOptions } from '../store-options.ts';

interface PublishOptions extends StoreOptionValues {
  readonly siteUrl?: URL;
  readonly json?: true;
}

/** `inferencemax publish`: writes the dashboard as static files. */
export function command(): Command {
  const publishing = new Command('publish').description(
    'Writes the dashboard and its data as static files for any web server or file host.',
  );
  for (const option of storeOptions()) publishing.addOption(option);
  return publishing
    .argument('<folder>', 'an empty folder, or one written by an earlier `publish`')
    .addOption(siteUrlOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  inferencemax publish site
  inferencemax publish site --site-url https://bench.example/inference/

Only changed files are written, the start page last. Links are relative, so the site works under any path. Only the preview image
of shared links needs the full URL; it is written if --site-url is given.`,
    )
    .action(async (folder: string, options: PublishOptions) => {
      const done = await publishSite(
        storeLocation(options),
        folder,
        (text) => process.stderr.write(`${text}\n`),
        options.siteUrl,
      );
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ folder: resolve(folder), ...done })}\n`
          : `published to ${folder}: ${done.written} files written, ${done.unchanged} unchanged, ${done.removed} removed, ${(done.bytes / 1e6).toFixed(1)} MB\n`,
      );
    });
}
