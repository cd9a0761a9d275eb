import { Command, Option } from 'commander';
import { loadMasterConfigs, loadRunnerPools } from '../../config/index.ts';
import { InputError, WorkError } from '../../errors.ts';
import {
  fullSweep,
  type MatrixEntry,
  type NodeKind,
  publicSeqLens,
  runnerModelSweep,
  type SweepFilters,
  testConfig,
} from '../../matrix/index.ts';
import { defaultConfigFiles, defaultRunnerConfig } from '../default-files.ts';
import { positiveInteger } from '../options.ts';

interface Files {
  readonly configFiles?: readonly string[];
  readonly masterConfig?: readonly string[];
  readonly runnerConfig?: string;
  readonly runnersConfig?: string;
}

interface NodeKinds {
  readonly singleNode?: true;
  readonly multiNode?: true;
}

/** `inferencemax generate`: matrix entries from configs, on stdout as one JSON array. */
export function command(): Command {
  return new Command('generate')
    .description(
      'Generates the matrix: one entry for every point (or multi-node engine) that the configs ask for.',
    )
    .addCommand(fullSweepCommand())
    .addCommand(runnerModelSweepCommand())
    .addCommand(testConfigCommand())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate full-sweep --single-node --framework sglang --seq-lens 1k1k',
    );
}

function fullSweepCommand(): Command {
  const command = new Command('full-sweep').description(
    'Every entry of every config that the filters let pass.',
  );
  withFiles(command);
  withNodeKinds(command);
  return command
    .addOption(new Option('--model-prefix <prefixes...>', 'configs whose key starts with one of these'))
    .addOption(new Option('--model <prefixes...>', 'the same').hideHelp())
    .addOption(new Option('--precision <precisions...>', 'only these precisions'))
    .addOption(new Option('--framework <frameworks...>', 'only these frameworks'))
    .addOption(new Option('--runner-type <pools...>', 'only these runner pools'))
    .addOption(new Option('--runner <pools...>', 'the same').hideHelp())
    .addOption(seqLens())
    .addOption(
      new Option('--step-size <factor>', 'between neighbouring concurrencies').argParser(stepSize).default(2),
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
      await print(async () => {
        const [configs, pools] = await Promise.all([configsOf(options), poolsOf(options)]);
        return fullSweep(configs, pools, filters, kindsOf(options));
      });
    });
}

function seqLens(): Option {
  return new Option('--seq-lens <shapes...>', 'only these shapes').choices([...publicSeqLens]);
}

interface FullSweepOptions extends Files, NodeKinds {
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

function filtersOf(options: FullSweepOptions): SweepFilters {
  const all = {
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
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function runnerModelSweepCommand(): Command {
  const command = new Command('runner-model-sweep').description(
    'The smallest point of every config of a pool, once on each of its nodes.',
  );
  withFiles(command);
  withNodeKinds(command);
  return command
    .addOption(new Option('--runner-type <pool>', 'the pool').makeOptionMandatory())
    .addOption(new Option('--runner-node-filter <text>', 'only nodes whose name contains this'))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate runner-model-sweep --runner-type h200 --single-node',
    )
    .action(
      async (
        options: Files & NodeKinds & { readonly runnerType: string; readonly runnerNodeFilter?: string },
      ) => {
        const [kind, other] = kindsOf(options);
        if (kind === undefined || other !== undefined) {
          throw new InputError('runner-model-sweep needs one of --single-node and --multi-node');
        }
        await print(async () => {
          const [configs, pools] = await Promise.all([configsOf(options), poolsOf(options)]);
          const { runnerType, runnerNodeFilter: nodeFilter } = options;
          return runnerModelSweep(configs, pools, {
            runnerType,
            kind,
            ...(nodeFilter === undefined ? {} : { nodeFilter }),
          });
        });
      },
    );
}

function testConfigCommand(): Command {
  return withFiles(new Command('test-config').description('Every entry of the named configs, unfiltered.'))
    .addOption(
      new Option('--config-keys <keys...>', 'the configs, in the order wanted').makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate test-config --config-keys smollm2-q4-cpu-llamacpp',
    )
    .action(async (options: Files & { readonly configKeys: readonly string[] }) => {
      await print(async () => testConfig(await configsOf(options), options.configKeys));
    });
}

function withFiles(command: Command): Command {
  return command
    .addOption(new Option('--config-files <files...>', 'master configs (default: the checked-in ones)'))
    .addOption(new Option('--master-config <files...>', 'the same').hideHelp())
    .addOption(new Option('--runner-config <file>', 'runner pools (default: the checked-in one)'))
    .addOption(new Option('--runners-config <file>', 'the same').hideHelp());
}

function withNodeKinds(command: Command): Command {
  return command
    .addOption(new Option('--single-node', 'only engines on one node').conflicts('multiNode'))
    .addOption(new Option('--multi-node', 'only engines on several nodes').conflicts('singleNode'));
}

function kindsOf({ singleNode, multiNode }: NodeKinds): NodeKind[] {
  if (singleNode) return ['single'];
  return multiNode ? ['multi'] : ['single', 'multi'];
}

async function configsOf(options: Files) {
  return await loadMasterConfigs(options.configFiles ?? options.masterConfig ?? defaultConfigFiles());
}

async function poolsOf(options: Files) {
  return await loadRunnerPools(options.runnerConfig ?? options.runnersConfig ?? defaultRunnerConfig());
}

/** Prints the entries; configs that cannot be used are a failed run here, as in the public generator: exit code 1. */
async function print(entries: () => Promise<readonly MatrixEntry[]>): Promise<void> {
  try {
    process.stdout.write(`${JSON.stringify(await entries())}\n`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new WorkError(error.message, { cause: error });
  }
}

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InputError(`'${text}' is not a whole number`);
  return value;
}

function stepSize(text: string): number {
  const value = positiveInteger(text);
  if (value < 2)
    throw new InputError('--step-size must be 2 or more', 'a factor of 1 would never reach the end');
  return value;
}
