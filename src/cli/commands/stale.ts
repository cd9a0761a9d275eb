import { Command, Option } from 'commander';
import { defaultConfigFiles, defaultRunnerConfig } from '../../app/default-files.ts';
import { staleOf, withinBudget } from '../../app/stale-entries.ts';
import { loadMasterConfigs, loadRunnerPools, matchConfigKeys } from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { printableLines } from '../../printable.ts';
import type { StaleEntry } from '../../results/index.ts';
import { durationS } from '../duration.ts';
import { jsonOption } from '../options.ts';
import { storeLocation } from '../store-location.ts';
import { type StoreOptionValues, storeOptions } from '../store-options.ts';

interface StaleOptions extends StoreOptionValues {
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly configKeys?: readonly string[];
  readonly olderThan: number;
  readonly timeBudget?: number;
  readonly explain?: true;
  readonly json?: true;
}

/** `inferencemax stale`: lists matrix entries whose newest measurement is too old or missing. */
export function command(): Command {
  const asking = new Command('stale').description(
    'Lists the matrix entries that are due for re-measurement with the image in their config: unmeasured entries first, then the oldest.',
  );
  for (const option of storeOptions()) asking.addOption(option);
  return asking
    .addOption(
      new Option('--config-files <files...>', 'master config files (default: those in .github/configs)'),
    )
    .addOption(
      new Option('--runner-config <file>', 'runner pool file (default: .github/configs/runners.yaml)'),
    )
    .addOption(new Option('--config-keys <keys...>', 'only these configs; * is a wildcard'))
    .addOption(
      new Option('--older-than <duration>', 'maximum age of a measurement, such as 36h or 7d')
        .argParser(durationS)
        .default(durationS('7d'), '7d'),
    )
    .addOption(
      new Option(
        '--time-budget <duration>',
        'list only as many entries, most urgent first, as each pool can finish in this time, such as 6h',
      ).argParser(durationS),
    )
    .addOption(
      new Option(
        '--explain',
        'print as text when each was last measured (default on a terminal, unless --json is given)',
      ),
    )
    .addOption(jsonOption().conflicts('explain'))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax stale --older-than 7d | inferencemax run --entries - --time-budget 6h',
    )
    .action(async (options: StaleOptions) => {
      const [configs, pools] = await Promise.all([
        loadMasterConfigs(options.configFiles ?? defaultConfigFiles()),
        loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig()),
      ]);
      if (options.configKeys !== undefined) matchConfigKeys(options.configKeys, [...configs.keys()]);
      const store = storeLocation(options);
      const { stale, unserved } = await staleOf({
        configs,
        pools,
        ...defined({ configKeys: options.configKeys }),
        store,
        since: new Date(Date.now() - options.olderThan * 1000),
      });
      if (unserved.length > 0)
        process.stderr.write(
          `${unserved.length} ${unserved.length === 1 ? 'entry is' : 'entries are'} left out, because there is no recipe for them here yet; \`inferencemax validate\` says which configs they are of\n`,
        );
      const chosen =
        options.timeBudget === undefined
          ? stale
          : await withinBudget(stale, pools, store, options.timeBudget);
      if (chosen.length < stale.length)
        process.stderr.write(
          `${stale.length - chosen.length} of ${stale.length} stale entries do not fit into the time budget\n`,
        );
      process.stdout.write(
        options.explain || (options.json !== true && process.stdout.isTTY)
          ? printableLines(chosen.map(inWords).join(''))
          : `${JSON.stringify(chosen.map(({ entry }) => entry))}\n`,
      );
    });
}

function inWords({ entry, measuredAt }: StaleEntry): string {
  const when = measuredAt === undefined ? 'never measured' : `measured ${measuredAt.slice(0, 10)}`;
  return `${when}  ${entry['exp-name']} ${entry.precision} ${entry.framework} on ${entry.runner} at concurrency ${[entry.conc].flat().join(' ')}\n`;
}
