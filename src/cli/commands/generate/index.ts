import { Command, Option } from 'commander';
import { loadLocatedConfigs, type MasterConfigs, type RunnerPools } from '../../../config/index.ts';
import { defined } from '../../../defined/defined.ts';
import { InputError } from '../../../errors.ts';
import {
  type Decision,
  decide,
  publicSeqLens,
  runnerModelSweep,
  type SweepFilters,
  testConfigDecisions,
} from '../../../matrix/index.ts';
import { widthOf } from '../../terminal/fit.ts';
import { explain } from './explain.ts';
import {
  type CommonOptions,
  configFilesOf,
  integer,
  kindsOf,
  loadFiles,
  type NodeKindOptions,
  stepSize,
  withCommonOptions,
  withNodeKinds,
} from './options.ts';
import { entriesTable, formatEntries } from './output.ts';
import { warnOfUnmatched } from './warnings.ts';

/** `inferencemax generate`: matrix entries from configs, on stdout as one JSON array. */
export function command(): Command {
  return new Command('generate')
    .description('Generates the matrix: one entry for each point (or multi-node engine) in the configs.')
    .addCommand(fullSweep())
    .addCommand(runnerModels())
    .addCommand(testConfig())
    .addHelpText(
      'after',
      `
Example:
  inferencemax generate full-sweep --single-node --framework sglang --seq-lens 1k1k

A filter that matches no config causes a warning on stderr; the rest is generated.
Exit codes, as in the public generator: 0 ok, 1 unusable file or key, 2 bad usage.`,
    );
}

interface FullSweepOptions extends CommonOptions, NodeKindOptions {
  readonly configKeys?: readonly string[];
  readonly modelPrefix?: readonly string[];
  readonly model?: readonly string[];
  readonly precision?: readonly string[];
  readonly framework?: readonly string[];
  readonly runnerType?: readonly string[];
  readonly runner?: readonly string[];
  readonly seqLens?: readonly string[];
  readonly stepSize: number;
  readonly maxConc?: number;
  readonly maxTp?: number;
  readonly maxEp?: number;
}

function fullSweep(): Command {
  const command = new Command('full-sweep').description('All entries of all configs that match the filters.');
  return withCommonOptions(withNodeKinds(command))
    .addOption(new Option('--config-keys <keys...>', 'only these configs; * is a wildcard'))
    .addOption(new Option('--model-prefix <prefixes...>', 'only configs whose key starts with one of these'))
    .addOption(new Option('--model <prefixes...>', 'the same').hideHelp())
    .addOption(new Option('--precision <precisions...>', 'only these precisions'))
    .addOption(new Option('--framework <frameworks...>', 'only these frameworks'))
    .addOption(new Option('--runner-type <pools...>', 'only these runner pools'))
    .addOption(new Option('--runner <pools...>', 'the same').hideHelp())
    .addOption(new Option('--seq-lens <shapes...>', 'only these input/output lengths').choices(publicSeqLens))
    .addOption(
      new Option('--step-size <factor>', 'factor between neighbouring concurrencies')
        .argParser(stepSize)
        .default(2),
    )
    .addOption(new Option('--max-conc <n>', 'highest concurrency').argParser(integer))
    .addOption(new Option('--max-tp <n>', 'highest tensor parallelism').argParser(integer))
    .addOption(new Option('--max-ep <n>', 'highest expert parallelism').argParser(integer))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate full-sweep --single-node --model-prefix dsr1 --max-conc 64',
    )
    .action(async (options: FullSweepOptions) => {
      const filters = filtersOf(options);
      await print(options, (configs, pools) => {
        const decisions = decide(configs, pools, filters, kindsOf(options));
        warnOfUnmatched(configs, filters);
        return decisions;
      });
    });
}

function filtersOf(options: FullSweepOptions): SweepFilters {
  const filters = {
    configKeys: options.configKeys,
    modelPrefixes: options.modelPrefix ?? options.model,
    precisions: options.precision,
    frameworks: options.framework,
    runnerTypes: options.runnerType ?? options.runner,
    seqLens: options.seqLens,
    stepSize: options.stepSize,
    maxConc: options.maxConc,
    maxTp: options.maxTp,
    maxEp: options.maxEp,
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

interface RunnerModelOptions extends CommonOptions, NodeKindOptions {
  readonly runnerType?: string;
  readonly runner?: string;
  readonly runnerNodeFilter?: string;
  readonly configKeys?: readonly string[];
}

function runnerModels(): Command {
  const command = new Command('runner-model-sweep').description(
    'The smallest point of every config of a pool, once on each node.',
  );
  return withCommonOptions(withNodeKinds(command))
    .addOption(new Option('--runner-type <pool>', 'runner pool (required)'))
    .addOption(new Option('--runner <pool>', 'the same').hideHelp())
    .addOption(new Option('--runner-node-filter <text>', 'only nodes whose name contains this'))
    .addOption(new Option('--config-keys <keys...>', 'only these configs; * is a wildcard'))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate runner-model-sweep --runner-type h200 --single-node',
    )
    .action(async (options: RunnerModelOptions) => {
      const [kind, other] = kindsOf(options);
      const runnerType = options.runnerType ?? options.runner;
      if (runnerType === undefined)
        throw new InputError('runner-model-sweep needs a pool', 'name one with --runner-type');
      if (kind === undefined || other !== undefined) {
        throw new InputError('runner-model-sweep needs one of --single-node and --multi-node');
      }
      const { runnerNodeFilter: nodeFilter, configKeys } = options;
      const keys = configKeys === undefined ? {} : { configKeys };
      await print(options, (configs, pools) => {
        const decisions = runnerModelSweep(configs, pools, {
          runnerType,
          kind,
          ...defined({ nodeFilter }),
          ...keys,
        });
        warnOfUnmatched(configs, { ...keys, runnerTypes: [runnerType] });
        return decisions;
      });
    });
}

function testConfig(): Command {
  return withCommonOptions(
    new Command('test-config').description('All entries of the named configs, unfiltered.'),
  )
    .addOption(
      new Option(
        '--config-keys <keys...>',
        'configs in the order to print them; * is a wildcard',
      ).makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate test-config --config-keys smollm2-q4-cpu-llamacpp',
    )
    .action(async (options: CommonOptions & { readonly configKeys: readonly string[] }) => {
      await print(options, (configs) => testConfigDecisions(configs, options.configKeys));
    });
}

/** Prints what was decided; configs that cannot be used are a failed run here, as in the public generator: exit code 1. */
async function print(
  options: CommonOptions,
  decisionsOf: (configs: MasterConfigs, pools: RunnerPools) => readonly Decision[],
): Promise<void> {
  try {
    const { configs, pools } = await loadFiles(options);
    const decisions = decisionsOf(configs, pools);
    const entries = decisions.flatMap((decision) => decision.entries);
    if (options.explain !== undefined) {
      process.stdout.write(
        explain(options.explain, decisions, await loadLocatedConfigs(configFilesOf(options))),
      );
    } else if (options.count) process.stdout.write(`${entries.length}\n`);
    else if (options.format === undefined && options.json !== true && process.stdout.isTTY)
      process.stdout.write(entriesTable(entries, widthOf(process.stdout)));
    else process.stdout.write(await formatEntries(entries, options.format ?? 'json'));
  } catch (error) {
    throw error instanceof InputError ? error.asFailedRun() : error;
  }
}
