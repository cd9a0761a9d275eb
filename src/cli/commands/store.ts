import { Command, Option } from 'commander';
import { openExistingStore, withStore } from '../../app/store.ts';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import { serverFacts } from '../../identity/index.ts';
import { printable } from '../../printable.ts';
import { rowOfServer } from '../../results/index.ts';
import {
  backUp,
  exportFormats,
  type IngestOptions,
  type IngestOutcome,
  openStore,
  type PointFilter,
  restore,
  sweepSources,
  withoutPassword,
} from '../../store/index.ts';
import { jsonOption, pageAddress, positiveInteger } from '../options.ts';
import { factOption, factsGiven, requireFacts } from '../server-facts.ts';
import { storeLocation } from '../store-location.ts';
import { type StoreOptionValues, storeOptions } from '../store-options.ts';

interface CommonOptions extends StoreOptionValues {
  readonly json?: boolean;
}

/** `inferencemax store`: manages the store of all measurements. */
export function command(): Command {
  return new Command('store')
    .description('Manages the results store: ingest, export, backup.')
    .addCommand(ingestCommand())
    .addCommand(statsCommand())
    .addCommand(exportCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(migrateCommand())
    .addCommand(quarantineCommand())
    .addCommand(forgetCommand())
    .addHelpText(
      'after',
      '\nExamples:\n  inferencemax store ingest .inferencemax/runs/*\n  inferencemax store stats',
    );
}

const storeCommand = (name: string): Command => {
  const made = new Command(name);
  for (const option of [...storeOptions(), jsonOption()]) made.addOption(option);
  return made;
};

interface IngestCommandOptions extends CommonOptions {
  readonly sweepId?: string;
  readonly sha?: string;
  readonly ref?: string;
  readonly url?: string;
  readonly measuredAt?: Date;
  readonly isl?: number;
  readonly osl?: number;
}

function ingestCommand(): Command {
  const ingesting = storeCommand('ingest')
    .description(
      `Adds results to the store. Ingesting the same files again adds nothing. A malformed file is quarantined with its reason, the rest is added, and the exit code is 1.`,
    )
    .argument(
      '<paths...>',
      "run directories, a CI run's artifacts (zips, or folders), lists of rows, raw results, eval rows, perf-changelog.yaml",
    )
    .addOption(
      new Option(
        '--sweep-id <name>',
        'sweep id for the artifacts (default: derived from path, commit and URL)',
      ),
    )
    .addOption(new Option('--sha <commit>', 'measured commit'))
    .addOption(new Option('--ref <name>', 'branch or tag'))
    .addOption(new Option('--url <url>', 'URL of the CI run').argParser(pageAddress))
    .addOption(
      new Option(
        '--measured-at <time>',
        "measurement time of rows without a raw result (default: the file's modification time)",
      ).argParser(time),
    )
    .optionsGroup('For raw results without rows, such as those of bench serve --save-result:')
    .addOption(new Option('--isl <tokens>', 'requested input tokens per prompt').argParser(positiveInteger))
    .addOption(new Option('--osl <tokens>', 'requested output tokens per reply').argParser(positiveInteger));
  for (const fact of serverFacts) ingesting.addOption(factOption(fact));
  return ingesting
    .addHelpText(
      'after',
      `
Examples:
  inferencemax store ingest .inferencemax/runs/*
  inferencemax store ingest c1.json c8.json c64.json --isl 1024 --osl 1024 --hardware h100 --framework vllm \\
    --image vllm/vllm-openai:v0.11.0 --precision fp8 --tp 8
  inferencemax store ingest artifacts/ --store postgres://team@db/inferencemax --sha "$GITHUB_SHA" --url "$RUN_URL"

Artifacts with a different commit, branch or URL form a separate sweep, even from a folder of the same name.`,
    )
    .action(async (paths: readonly string[], options: IngestCommandOptions) => {
      const described = describedServer(options);
      const store = await openStore(storeLocation(options));
      await withStore(store, async () => {
        let failed = false;
        for (const path of paths) {
          const outcome = await store.ingest(path, { ...ingestOptions(path, options), ...described });
          failed ||= outcome.quarantined.length > 0;
          process.stdout.write(
            options.json ? `${jsonOf(path, outcome)}\n` : `${printable(path)}: ${words(outcome)}\n`,
          );
          process.stderr.write(quarantineLines(outcome));
        }
        if (failed) process.exitCode = 1;
      });
    });
}

/** Creates rows for raw results that have none, if the options describe their server. */
function describedServer(options: IngestCommandOptions): Pick<IngestOptions, 'rowOf'> {
  const facts = factsGiven(options);
  const { isl, osl } = options;
  if (Object.keys(facts).length === 0 && isl === undefined && osl === undefined) return {};
  requireFacts(facts, 'a raw result without its row');
  if (isl === undefined || osl === undefined)
    throw new InputError(
      'a raw result without its row also needs --isl and --osl',
      'the requested lengths, such as --isl 1024 --osl 1024',
      { code: 'missing-option' },
    );
  return { rowOf: (raw) => rowOfServer(raw, facts, { isl, osl }) };
}

/** Files to list; `store quarantine` lists them all. */
const mostNamed = 20;

function quarantineLines({ quarantined }: IngestOutcome): string {
  const named = quarantined.slice(0, mostNamed);
  const lines = named.map(({ file, reason }) => `${printable(`quarantined: ${file}: ${reason}`)}\n`);
  const left = quarantined.length - named.length;
  if (left > 0) lines.push(`and ${left} more: \`inferencemax store quarantine\` lists them\n`);
  return lines.join('');
}

const progressEveryMs = 2_000;

function ingestOptions(path: string, options: IngestCommandOptions): IngestOptions {
  const { sweepId, sha, ref, url, measuredAt } = options;
  let told = Date.now();
  return {
    ...defined({ sweepId, gitSha: sha, gitRef: ref, url, measuredAt }),
    onProgress: (soFar) => {
      if (Date.now() - told < progressEveryMs) return;
      told = Date.now();
      process.stderr.write(`${path}: ${words(soFar)} so far\n`);
    },
  };
}

function words({ added, unchanged, evals, changelogEntries, quarantined }: IngestOutcome): string {
  const parts = [`${added} new ${added === 1 ? 'measurement' : 'measurements'}`, `${unchanged} known`];
  if (evals > 0) parts.push(`${evals} new eval ${evals === 1 ? 'score' : 'scores'}`);
  if (changelogEntries > 0)
    parts.push(`${changelogEntries} new changelog ${changelogEntries === 1 ? 'entry' : 'entries'}`);
  if (quarantined.length > 0) parts.push(`${quarantined.length} quarantined`);
  return parts.join(', ');
}

function jsonOf(path: string, outcome: IngestOutcome): string {
  const quarantined = outcome.quarantined.map(({ file, reason }) => ({ file, reason }));
  return JSON.stringify({ path, ...outcome, quarantined });
}

function statsCommand(): Command {
  return storeCommand('stats')
    .description('Shows what is in the store.')
    .addHelpText('after', '\nExample:\n  inferencemax store stats --json')
    .action(async (options: CommonOptions) => {
      const stats = await withStore(await openExistingStore(storeLocation(options)), (store) =>
        store.stats(),
      );
      if (options.json) {
        process.stdout.write(`${JSON.stringify(stats)}\n`);
        return;
      }
      const { measurements, bytes, migrations, ...counts } = stats;
      const verdicts = Object.entries(measurements).map(([verdict, count]) => `${count} ${verdict}`);
      const lines = [
        ['store', withoutPassword(storeLocation(options))],
        ['measurements', verdicts.join(', ') || 'none'],
        ...Object.entries(counts).map(([name, count]) => [titles[name] ?? name, String(count)]),
        ['size', `${(bytes / 1e6).toFixed(1)} MB`],
        ['schema', migrations.at(-1) ?? 'none'],
      ];
      for (const [name = '', value] of lines) process.stdout.write(`${name.padEnd(18)} ${value}\n`);
    });
}

const titles: Readonly<Record<string, string>> = { changelogEntries: 'changelog entries' };

interface ExportCommandOptions extends CommonOptions {
  readonly latest?: boolean;
  readonly modelPrefix?: string;
  readonly hardware?: string;
  readonly framework?: string;
  readonly precision?: string;
  readonly isl?: number;
  readonly osl?: number;
  readonly sweep?: string;
  readonly since?: Date;
  readonly until?: Date;
}

function exportCommand(): Command {
  return storeCommand('export')
    .description(`Exports published points to a file (${exportFormats.join(', ')}), newest first.`)
    .argument('<file>', 'output file; its extension selects the format')
    .addOption(new Option('--latest', 'only the latest result of each configuration and concurrency'))
    .addOption(new Option('--model-prefix <prefix>', 'only this model'))
    .addOption(new Option('--hardware <name>', 'only this GPU type, such as h100'))
    .addOption(new Option('--framework <name>', 'only this engine'))
    .addOption(new Option('--precision <name>', 'only this precision'))
    .addOption(new Option('--isl <tokens>', 'only this input length').argParser(positiveInteger))
    .addOption(new Option('--osl <tokens>', 'only this output length').argParser(positiveInteger))
    .addOption(new Option('--sweep <id>', 'only this sweep'))
    .addOption(new Option('--since <time>', 'only points measured at or after this time').argParser(time))
    .addOption(new Option('--until <time>', 'only points measured before this time').argParser(time))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax store export points.parquet --model-prefix dsr1 --since 2026-01-01',
    )
    .action(async (file: string, options: ExportCommandOptions) => {
      const { modelPrefix, hardware: hw, framework, precision, isl, osl, sweep: sweepId } = options;
      const filter: PointFilter = {
        modelPrefix,
        hw,
        framework,
        precision,
        isl,
        osl,
        sweepId,
        since: options.since?.toISOString(),
        until: options.until?.toISOString(),
      };
      const points = await withStore(await openExistingStore(storeLocation(options)), (store) =>
        store.export(file, { filter, latest: options.latest ?? false }),
      );
      process.stdout.write(
        options.json ? `${JSON.stringify({ file, points })}\n` : `wrote ${file} with ${points} points\n`,
      );
    });
}

function backupCommand(): Command {
  return storeCommand('backup')
    .description(
      `Writes the whole store to one SQLite file, from SQLite or PostgreSQL; other processes may write to the store meanwhile. \`restore\` loads it into SQLite or PostgreSQL.`,
    )
    .argument('<file>', 'the backup')
    .addHelpText('after', '\nExample:\n  inferencemax store backup backups/2026-01-14.sqlite')
    .action(async (file: string, options: CommonOptions) => {
      await (await openExistingStore(storeLocation(options))).close();
      await backUp(storeLocation(options), file);
      process.stdout.write(options.json ? `${JSON.stringify({ file })}\n` : `wrote ${file}\n`);
    });
}

function restoreCommand(): Command {
  return storeCommand('restore')
    .description('Restores a backup into an empty or new store, all or nothing.')
    .argument('<file>', 'backup file, or any SQLite store')
    .addHelpText(
      'after',
      '\nExample, which moves a store to PostgreSQL:\n  inferencemax store restore store.sqlite --store postgres://team@db/inferencemax',
    )
    .action(async (file: string, options: CommonOptions) => {
      const location = storeLocation(options);
      await restore(file, location);
      const shown = withoutPassword(location);
      process.stdout.write(
        options.json ? `${JSON.stringify({ file, store: shown })}\n` : `restored ${file} to ${shown}\n`,
      );
    });
}

function migrateCommand(): Command {
  return storeCommand('migrate')
    .description('Creates a store, or upgrades its schema. Every command that opens a store does this, too.')
    .addHelpText('after', '\nExample:\n  inferencemax store migrate --store postgres://team@db/inferencemax')
    .action(async (options: CommonOptions) => {
      const location = storeLocation(options);
      const { migrations } = await withStore(await openStore(location), (store) => store.stats());
      const shown = withoutPassword(location);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ store: shown, migrations })}\n`
          : `${shown} is up to date: ${migrations.at(-1)}\n`,
      );
    });
}

function quarantineCommand(): Command {
  return storeCommand('quarantine')
    .description('Lists the files that could not be ingested, with their reasons.')
    .addHelpText('after', '\nExample:\n  inferencemax store quarantine')
    .action(async (options: CommonOptions) => {
      const files = await withStore(await openExistingStore(storeLocation(options)), (store) =>
        store.quarantined(),
      );
      if (options.json) process.stdout.write(`${JSON.stringify(files)}\n`);
      else
        for (const { at, source, file, reason } of files)
          process.stdout.write(`${printable(`${at} ${source}: ${file}: ${reason}`)}\n`);
    });
}

const forgettable = sweepSources.filter(({ fetchedBy }) => fetchedBy !== undefined);

function forgetCommand(): Command {
  return storeCommand('forget')
    .description(
      'Removes everything copied from one source, without confirmation, because it can be fetched again. What was measured or ingested here stays.',
    )
    .addOption(
      new Option('--source <name>', 'the source')
        .choices(forgettable.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .addHelpText('after', '\nExample:\n  inferencemax store forget --source public')
    .action(async (options: CommonOptions & { readonly source: string }) => {
      const source = forgettable.find(({ name }) => name === options.source);
      if (source === undefined) throw new InputError(`unknown source '${options.source}'`);
      const location = storeLocation(options);
      await (await openExistingStore(location)).close();
      const forgotten = await withStore(await openStore(location), (store) => store.forget(source));
      const { measurements, runs, scores, jobDays } = forgotten;
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ source: source.name, ...forgotten })}\n`
          : `removed ${measurements} measurements of ${runs} runs, ${scores} accuracy scores and ${jobDays} daily job counts; \`inferencemax ${source.fetchedBy}\` fetches them again\n`,
      );
    });
}

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new InputError(`'${text}' is not a time`, 'such as 2026-01-14 or 2026-01-14T10:15:00Z');
  return at;
}
