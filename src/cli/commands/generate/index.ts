import { Command, Option } from 'commander';
import { decidedOf } from '../../../app/located-entries.ts';
import { loadLocatedConfigs, type MasterConfigs, type RunnerPools } from '../../../config/index.ts';
import { defined } from '../../../defined/defined.ts';
import { InputError } from '../../../errors.ts';
import {
  type Decision,
  decide,
  type Generator,
  generatorFor,
  runnerModelSweep,
  type SweepFilters,
  type TestFilters,
  testConfigDecisions,
} from '../../../matrix/index.ts';
import { refuseWhatIsLacking, withoutLacking } from './lacking.ts';
import {
  type CommonOptions,
  configFilesOf,
  type EvalOptions,
  evalsOf,
  integer,
  integers,
  kindsOf,
  loadFiles,
  type NarrowingOptions,
  type NodeKindOptions,
  refuseNoConfigs,
  stepSize,
  withCommonOptions,
  withEvalOptions,
  withNarrowingOptions,
  withNodeKinds,
} from './options.ts';
import { entriesTable, formatEntries } from './output.ts';
import { warnOfUnmatched } from './warnings.ts';

/** `inferencemax generate`: prints matrix entries for configs as one JSON array. */
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

interface FullSweepOptions extends CommonOptions, NodeKindOptions, EvalOptions, NarrowingOptions {
  readonly configKeys?: readonly string[];
  readonly modelPrefix?: readonly string[];
  readonly model?: readonly string[];
  readonly precision?: readonly string[];
  readonly framework?: readonly string[];
  readonly runnerType?: readonly string[];
  readonly runner?: readonly string[];
  readonly stepSize: number;
  readonly minConc?: number;
  readonly maxConc?: number;
  readonly maxTp?: number;
  readonly maxEp?: number;
}

function fullSweep(): Command {
  const command = new Command('full-sweep').description(
    'Generates all entries of the configs that match the filters.',
  );
  return withCommonOptions(withEvalOptions(withNarrowingOptions(withNodeKinds(command))))
    .addOption(new Option('--config-keys <keys...>', 'only these configs; * is a wildcard'))
    .addOption(new Option('--model-prefix <prefixes...>', 'only configs whose key starts with one of these'))
    .addOption(new Option('--model <prefixes...>', 'the same').hideHelp())
    .addOption(new Option('--precision <precisions...>', 'only these precisions'))
    .addOption(new Option('--framework <frameworks...>', 'only these frameworks'))
    .addOption(new Option('--runner-type <pools...>', 'only these runner pools'))
    .addOption(new Option('--runner <pools...>', 'the same').hideHelp())
    .addOption(
      new Option('--step-size <factor>', 'factor between neighbouring concurrencies')
        .argParser(stepSize)
        .default(2),
    )
    .addOption(new Option('--min-conc <n>', 'lowest concurrency').argParser(integer))
    .addOption(new Option('--max-conc <n>', 'highest concurrency').argParser(integer))
    .addOption(new Option('--max-tp <n>', 'highest tensor parallelism').argParser(integer))
    .addOption(new Option('--max-ep <n>', 'highest expert parallelism').argParser(integer))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate full-sweep --single-node --model-prefix dsr1 --max-conc 64',
    )
    .action(async (options: FullSweepOptions) => {
      const filters = filtersOf(options);
      const { minConc, maxConc } = filters;
      if (minConc !== undefined && maxConc !== undefined && minConc > maxConc)
        throw new InputError(`--min-conc ${minConc} is above --max-conc ${maxConc}`, undefined, {
          code: 'bad-option',
        });
      await print(options, filters, ({ configs, pools, generator }) => {
        const decisions = decide(configs, pools, withoutLacking(filters, generator), kindsOf(options));
        warnOfUnmatched(configs, filters, generator.matches);
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
    scenarios: options.scenarioType,
    nodeFilter: options.runnerNodeFilter,
    evals: evalsOf(options),
    stepSize: options.stepSize,
    minConc: options.minConc,
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
    'Generates the smallest point of every config of a pool, once for each node. Works only with configs in the January 2026 format; for others, `full-sweep --runner-node-filter` generates an entry for each node.',
  );
  return withCommonOptions(withNodeKinds(command))
    .addOption(new Option('--runner-type <pool>', 'runner pool (required)'))
    .addOption(new Option('--runner <pool>', 'the same').hideHelp())
    .addOption(new Option('--runner-node-filter <text>', 'only nodes whose name contains this'))
    .addOption(new Option('--config-keys <keys...>', 'only these configs; * is a wildcard'))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate runner-model-sweep --config-files my-master.yaml --runner-type h200 --single-node',
    )
    .action(async (options: RunnerModelOptions) => {
      const [kind, other] = kindsOf(options);
      const runnerType = options.runnerType ?? options.runner;
      if (runnerType === undefined)
        throw new InputError('runner-model-sweep needs a pool', 'name one with --runner-type', {
          code: 'missing-option',
        });
      if (kind === undefined || other !== undefined) {
        throw new InputError('runner-model-sweep needs one of --single-node and --multi-node', undefined, {
          code: 'missing-option',
        });
      }
      const { runnerNodeFilter: nodeFilter, configKeys } = options;
      const keys = configKeys === undefined ? {} : { configKeys };
      await print(options, {}, ({ configs, pools, generator }) => {
        const decisions = runnerModelSweep(configs, pools, {
          runnerType,
          kind,
          ...defined({ nodeFilter }),
          ...keys,
        });
        warnOfUnmatched(configs, { ...keys, runnerTypes: [runnerType] }, generator.matches);
        return decisions;
      });
    });
}

interface TestConfigOptions extends CommonOptions, EvalOptions, NarrowingOptions {
  readonly configKeys: readonly string[];
  readonly conc?: readonly number[];
}

function testConfig(): Command {
  const command = new Command('test-config').description(
    'Generates every entry of the named configs, regardless of concurrency and layout.',
  );
  return withCommonOptions(withEvalOptions(withNarrowingOptions(command)))
    .addOption(
      new Option(
        '--config-keys <keys...>',
        'configs, in the order of the output; * is a wildcard, and in the August 2026 format, so is ?',
      ).makeOptionMandatory(),
    )
    .addOption(new Option('--conc <n...>', 'only these concurrencies').argParser(integers))
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax generate test-config --config-keys smollm2-q4-cpu-llamacpp',
    )
    .action(async (options: TestConfigOptions) => {
      const filters: TestFilters = defined({
        seqLens: options.seqLens,
        scenarios: options.scenarioType,
        nodeFilter: options.runnerNodeFilter,
        evals: evalsOf(options),
        concurrencies: options.conc,
      });
      await print(options, filters, ({ configs, pools, generator }) =>
        testConfigDecisions(configs, options.configKeys, pools, withoutLacking(filters, generator)),
      );
    });
}

interface Loaded {
  readonly configs: MasterConfigs;
  readonly pools: RunnerPools;
  readonly generator: Generator;
}

/** Prints the entries. Invalid configs exit with 1, not 2, like in the public generator. */
async function print(
  options: CommonOptions & NodeKindOptions,
  filters: SweepFilters & TestFilters,
  decisionsOf: (loaded: Loaded) => readonly Decision[],
): Promise<void> {
  refuseNoConfigs(options);
  const loaded = await orFailedRun(async () => {
    const { configs, pools } = await loadFiles(options);
    return { configs, pools, generator: generatorFor(configs, pools) };
  });
  refuseWhatIsLacking(loaded.generator, filters, options);
  const decisions = await orFailedRun(
    async () => await decidedOf(() => decisionsOf(loaded), configFilesOf(options)),
  );
  const entries = decisions.flatMap((decision) => decision.entries);
  if (options.explain !== undefined) {
    const { explain } = await import('./explain.ts');
    process.stdout.write(
      await orFailedRun(async () =>
        explain(options.explain ?? '', decisions, await loadLocatedConfigs(configFilesOf(options))),
      ),
    );
  } else if (options.count) process.stdout.write(`${entries.length}\n`);
  else if (options.format === undefined && options.json !== true && process.stdout.isTTY)
    process.stdout.write(await entriesTable(entries, process.stdout));
  else process.stdout.write(await formatEntries(entries, options.format ?? 'json'));
}

async function orFailedRun<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof InputError ? error.asFailedRun() : error;
  }
}
