import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { knownTitles } from '../../../app/known-titles.ts';
import { writeFileAtomically } from '../../../atomic-file.ts';
import { InputError } from '../../../errors.ts';
import { pointFieldNames } from '../../../identity/index.ts';
import {
  type Comparison,
  compare,
  comparisonMarkdown,
  isRepeated,
  type JudgedChange,
  type Judgement,
  measuredPoint,
  newestTable,
  repeatsOf,
  type Side,
} from '../../../results/index.ts';
import { isPostgresUrl, openStore, type Store } from '../../../store/index.ts';
import { decimal, jsonOption, positiveInteger } from '../../options.ts';
import { storeLocation } from '../../store-location.ts';
import { type StoreOptionValues, storeOptions } from '../../store-options.ts';
import { sideOf } from './sides.ts';

interface CompareCommandOptions extends StoreOptionValues {
  readonly across?: readonly string[];
  readonly failOn?: readonly Gate[];
  readonly falseDiscoveryRate: number;
  readonly leastChange: number;
  readonly noiseDays: number;
  readonly output?: string;
  readonly format?: 'public';
  readonly json?: true;
}

/** The conditions that fail a comparison, by name. */
const gates = {
  regression: (comparison: Comparison) => hasShown(comparison, ['worse'], isRepeated),
  'regression-unrepeated': (comparison: Comparison) => hasShown(comparison, ['worse']),
  change: (comparison: Comparison) => hasShown(comparison, ['worse', 'better'], isRepeated),
  'change-unrepeated': (comparison: Comparison) => hasShown(comparison, ['worse', 'better']),
  'not-comparable': ({ points }: Comparison) => points['not comparable'] > 0,
} as const;
type Gate = keyof typeof gates;

/** `inferencemax results compare`. */
export function compareCommand(): Command {
  const command = new Command('compare')
    .description(
      `Compares every point and curve of B with A: better, worse or no proven change, tested against the noise of repeated runs in the store. A and B are folders, zips, sweeps, dates, branches, commits, or \`latest\`.`,
    )
    .argument('<a>', 'the baseline')
    .argument('<b>', 'the results to compare with it')
    .addOption(
      new Option('--across <fields...>', 'compare across these fields, such as framework').choices([
        ...pointFieldNames,
        'model',
      ]),
    )
    .addOption(
      new Option('--fail-on <what...>', 'exit with 1 if there are any of these').choices(Object.keys(gates)),
    )
    .addOption(
      new Option(
        '--false-discovery-rate <share>',
        'false discovery rate: share of the reported differences that may be noise',
      )
        .argParser(share)
        .default(0.05),
    )
    .addOption(
      new Option('--least-change <share>', 'ignore changes smaller than this share')
        .argParser(share)
        .default(0.01),
    )
    .addOption(
      new Option('--noise-days <days>', 'use repeats up to this many days older than A and B')
        .argParser(positiveInteger)
        .default(90),
    )
    .addOption(
      new Option(
        '--format <form>',
        "`public`: print the public project's tables, with the newest result of A for each point next to B, and no test against noise",
      )
        .choices(['public'])
        .conflicts(['across', 'failOn', 'json']),
    )
    .addOption(new Option('--output <file>', 'also write the Markdown (or JSON, with --json) to a file'));
  for (const option of storeOptions()) command.addOption(option);
  return command
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax results compare main my-branch --fail-on regression
  inferencemax results compare 2026-01-01 latest --json
  inferencemax results compare results/vllm results/sglang --across framework
  inferencemax results compare latest results/new --format public

Differences between points that were measured only once are reported, but they fail neither \`regression\` nor
\`change\`: use \`regression-unrepeated\` or \`change-unrepeated\` to fail on them, too.`,
    )
    .action(async (a: string, b: string, options: CompareCommandOptions) => {
      if (options.format === 'public') {
        await show(await publicTables(a, b, options), options);
        return;
      }
      const comparison = await compareSides(a, b, options);
      const text = options.json ? `${JSON.stringify(comparison)}\n` : comparisonMarkdown(comparison);
      await show(text, options);
      const failed = (options.failOn ?? []).filter((gate) => gates[gate](comparison));
      if (failed.length > 0) {
        process.stderr.write(`failed on ${failed.join(', ')}\n`);
        process.exitCode = 1;
      }
    });
}

function hasShown(
  { curves }: Comparison,
  judgements: readonly Judgement[],
  counts: (change: JudgedChange) => boolean = () => true,
): boolean {
  return curves
    .flatMap(({ frontier, points }) => [frontier, ...points.flatMap(({ metrics }) => metrics)])
    .some((change) => judgements.includes(change.judgement) && counts(change));
}

async function show(text: string, { output }: CompareCommandOptions): Promise<void> {
  if (output !== undefined) await writeFileAtomically(output, text);
  process.stdout.write(text);
}

async function compareSides(a: string, b: string, options: CompareCommandOptions): Promise<Comparison> {
  const [sideA, sideB] = await sidesOf(a, b, options);
  return compare(sideA.points.map(measuredPoint), sideB.points.map(measuredPoint), repeatsOf(sideA, sideB), {
    a: sideA.name,
    b: sideB.name,
    across: options.across ?? [],
    falseDiscoveryRate: options.falseDiscoveryRate,
    leastChange: options.leastChange,
    titles: await knownTitles(),
  });
}

async function publicTables(a: string, b: string, options: CompareCommandOptions): Promise<string> {
  const [sideA, sideB] = await sidesOf(a, b, options);
  const rows = sideB.points.map(({ row }) => row);
  return newestTable(rows, sideA.points);
}

async function sidesOf(a: string, b: string, options: CompareCommandOptions): Promise<[a: Side, b: Side]> {
  const store = await openedStore(options);
  try {
    const sideOptions = { store, noiseDays: options.noiseDays };
    return [await sideOf(a, sideOptions), await sideOf(b, sideOptions)];
  } finally {
    await store?.close();
  }
}

/** The store; undefined if it does not exist, because two folders can be compared without it. */
async function openedStore(options: StoreOptionValues): Promise<Store | undefined> {
  const location = storeLocation(options);
  if (isPostgresUrl(location) || existsSync(location)) return await openStore(location, 'read');
  if (options.store !== undefined)
    throw new InputError(`there is no store ${location}`, undefined, { code: 'no-store' });
  return undefined;
}

function share(text: string): number {
  const value = decimal(text);
  if (value === undefined || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('expected a share from 0 to below 1, such as 0.05');
  return value;
}
