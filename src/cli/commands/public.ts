import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { storeName, withStore } from '../../app/store.ts';
import { closest } from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import { models, modelsMeant, type NamedModel } from '../../identity/index.ts';
import { printable } from '../../printable.ts';
import { defaultCacheDir } from '../../provision/index.ts';
import { ApiClient, type PullOutcome, pull } from '../../public/index.ts';
import { openStore } from '../../store/index.ts';
import { withInterrupt } from '../interrupt.ts';
import { jsonOption } from '../options.ts';
import { storeLocation } from '../store-location.ts';
import { type StoreOptionValues, storeOptions } from '../store-options.ts';

/** `inferencemax public`: copies results of the public project into the store. */
export function command(): Command {
  return new Command('public')
    .description("Copies the public project's results into the store.")
    .addCommand(pullCommand())
    .addHelpText('after', '\nExample:\n  inferencemax public pull --model dsr1');
}

interface PullCommandOptions extends StoreOptionValues {
  readonly model?: readonly string[];
  readonly since?: string;
  readonly address: string;
  readonly refresh?: true;
  readonly cacheDir: string;
  readonly json?: true;
}

const publicAddress = 'https://inferencex.semianalysis.com';

function pullCommand(): Command {
  const made = new Command('pull')
    .description(
      [
        "Copies benchmarks, accuracy scores and job counts from the public project's API into the store, with a",
        'link to each run. The copy is incomplete: the API returns only some concurrencies of each configuration.',
        'Pulling again adds new results and replaces corrected ones; `inferencemax store forget --source',
        'public` removes them all.',
      ].join(' '),
    )
    .addOption(new Option('--model <names...>', 'only these models, such as dsr1 or "DeepSeek R1 0528"'))
    .addOption(
      new Option('--since <day>', 'only results measured on this day or later, such as 2026-01-31').argParser(
        day,
      ),
    )
    .addOption(
      new Option('--address <url>', 'site whose API to query, or a server with a copy of its answers')
        .default(publicAddress)
        .argParser(siteAddress),
    )
    .addOption(new Option('--refresh', 'fetch again even what was fetched within the last ten minutes'))
    .addOption(
      new Option('--cache-dir <folder>', 'cache directory for API answers').default(defaultCacheDir()),
    );
  for (const option of [...storeOptions(), jsonOption()]) made.addOption(option);
  return made
    .addHelpText(
      'after',
      `
Examples:
  inferencemax public pull
  inferencemax public pull --model dsr1 --since 2026-01-01

Without the network, from a folder of captured answers:
  node scripts/serve-public-results.ts FOLDER 8090 &
  inferencemax public pull --address http://127.0.0.1:8090`,
    )
    .action(pullAndTell);
}

async function pullAndTell(options: PullCommandOptions): Promise<void> {
  const { model, since, address, refresh, cacheDir, json } = options;
  const asked = model?.flatMap(meant);
  const location = storeLocation(options);
  const tell = (line: string) => process.stderr.write(`${printable(line)}\n`);
  const client = new ApiClient({
    address,
    cacheFolder: join(cacheDir, 'public'),
    refresh: refresh ?? false,
    onRetry: (why, waitMs) => tell(`${why}; asking again in ${Math.ceil(waitMs / 1000)} s`),
  });
  const store = await openStore(location);
  const pulling = { client, store, onProgress: progress(tell), ...defined({ models: asked, since }) };
  const outcome = await withStore(store, () =>
    withInterrupt(
      async (signal) => await pull({ ...pulling, signal }),
      () => tell('interrupted: run the same command again to continue'),
    ),
  );
  for (const { file, reason } of outcome.quarantined.slice(0, mostNamed))
    tell(`left out: ${file}: ${reason}`);
  if (outcome.skipped.length > 0) tell(`listed by the API but unknown here: ${outcome.skipped.join(', ')}`);
  const quarantined = outcome.quarantined.map(({ file, reason }) => ({ file, reason }));
  process.stdout.write(
    json
      ? `${JSON.stringify({ address, store: storeName(location), answers: client.counts, ...outcome, quarantined })}\n`
      : words(outcome, storeName(location)),
  );
  if (outcome.quarantined.length > 0) process.exitCode = 1;
}

/** Rows to list; `--json` lists them all. */
const mostNamed = 20;
const progressEveryMs = 2_000;

/** Prints each query, but repeated ones at most every two seconds. */
function progress(tell: (line: string) => void): (what: string) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (what) => {
    const isRepeated = what.startsWith('stored');
    if (isRepeated && performance.now() - toldAt < progressEveryMs) return;
    toldAt = performance.now();
    tell(what);
  };
}

function words({ points, added, evals, runs, jobDays, quarantined }: PullOutcome, store: string): string {
  const count = (value: number) => value.toLocaleString('en');
  return [
    `${count(points)} points of ${count(runs)} public runs, ${count(added)} of them new`,
    `${count(evals)} new accuracy scores`,
    `${count(jobDays.jobs)} benchmark jobs, counted by hardware and day; ${count(jobDays.changed)} of ${count(jobDays.told)} counts new or changed`,
    ...(quarantined.length === 0 ? [] : [`${count(quarantined.length)} rows left out`]),
    `in ${store}, as a thinned copy; \`inferencemax store forget --source public\` removes it`,
    '',
  ].join('\n');
}

function meant(name: string): readonly NamedModel[] {
  const found = modelsMeant(name);
  if (found.length > 0) return found;
  const known = models.map(({ prefix }) => prefix);
  const near = closest(name.toLowerCase(), known);
  throw new InputError(
    `no model is called '${name}'`,
    near === undefined ? `known are ${known.join(', ')}` : `did you mean '${near}'?`,
  );
}

function day(text: string): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDay) throw new InvalidArgumentError('expected a day such as 2026-01-31');
  return text;
}

function siteAddress(text: string): string {
  const isAddress = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isAddress) throw new InvalidArgumentError('expected a URL with http:// or https://');
  const { search, hash, username, password } = new URL(text);
  if (`${search}${hash}${username}${password}` !== '')
    throw new InvalidArgumentError('expected a site URL without a query, a fragment or a password');
  return text;
}
