import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { configFolder, defaultRunnerConfig } from '../../app/default-files.ts';
import { proposeFiles, writeProposal } from '../../app/init.ts';
import { locatedEntries } from '../../app/located-entries.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { createSweep } from '../../app/sweeps.ts';
import { loadMasterConfigs, loadRunnerPools } from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import { testConfigDecisions } from '../../matrix/index.ts';
import { newestSweep, samePlan } from '../../sweep/index.ts';
import { noteOnStderr, planAndWarn, warn } from '../entries.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { performAndPrint } from '../perform.ts';
import { setupOptions } from '../setup-options.ts';
import { performOptions, type SweepOptionValues, sweepOptions } from '../sweep-options.ts';

const name = 'quickstart';

/** The framework of a checked-in config that is small enough for any machine. */
const defaultEngine = 'llama.cpp';

interface QuickstartOptions extends SweepOptionValues {
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly engines?: readonly string[];
  readonly gpu?: true;
  readonly agentic?: true;
  readonly engine?: string;
  readonly model?: string;
  readonly dummy?: boolean;
  readonly open: boolean;
}

/** `inferencemax quickstart`: runs everything on this machine, from configs to a chart. */
export function command(): Command {
  const quickstart = new Command(name)
    .description(
      'Benchmarks a real engine with real weights on this machine and opens the results as charts.',
    )
    .addOption(
      new Option(
        '--config-files <files...>',
        'master config files (default: the CPU configs in .github/configs)',
      ),
    )
    .addOption(
      new Option('--runner-config <file>', 'runner pool file (default: .github/configs/runners.yaml)'),
    )
    .addOption(
      new Option(
        '--engines <frameworks...>',
        `engines to measure (default: ${defaultEngine}; with --config-files, all engines in them); vllm first downloads 3 GB`,
      ),
    )
    .addOption(
      new Option(
        '--gpu',
        "measure on this machine's GPU with an installed engine: runs `init`, then the config that it wrote",
      ).conflicts(['configFiles', 'runnerConfig', 'engines']),
    )
    .addOption(
      new Option(
        '--agentic',
        'replay generated coding-agent sessions (1, 2 and 4 session trees at a time) instead of requests of fixed lengths',
      ).conflicts(['configFiles', 'engines', 'gpu']),
    )
    .addOption(new Option('--no-open', 'print the path of the report instead of opening a browser'));
  for (const option of setupOptions()) quickstart.addOption(option);
  for (const option of sweepOptions()) quickstart.addOption(option);
  return quickstart
    .addHelpText(
      'after',
      `
Examples:
  npm run quickstart
  npm run quickstart -- --engines llama.cpp vllm
  npm run quickstart -- --agentic
  inferencemax quickstart --gpu --engine /opt/venvs/vllm --model /models/Llama-3.1-8B

Ctrl-C stops the engine and keeps every finished point; run the same command again to continue.`,
    )
    .action(async (options: QuickstartOptions) => {
      const state = new StateFolder(options.stateDir);
      if (!options.gpu && (options.engine ?? options.model ?? options.dummy) !== undefined)
        throw new InputError(
          '--engine, --model and --dummy need --gpu',
          'add --gpu, or use --engines to choose what to measure on the CPU',
          { code: 'bad-option' },
        );
      const own = options.gpu ? await ownConfig(options) : undefined;
      const configFiles = own?.configFiles ??
        options.configFiles ?? [
          join(configFolder(), options.agentic ? 'cpu-agents-master.yaml' : 'cpu-master.yaml'),
        ];
      const [configs, pools] = await Promise.all([
        loadMasterConfigs(configFiles),
        loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig(options.configFiles)),
      ]);
      const engines =
        options.engines ??
        (options.configFiles === undefined && own === undefined ? [defaultEngine] : undefined);
      const keys = own === undefined ? keysOf(configs, engines) : [own.configKey];
      const asked = locatedEntries(testConfigDecisions(configs, keys, pools), pools, configFiles);
      const plan = await planAndWarn(asked, defined({ json: options.json }), 'run');
      const last = await newestSweep(
        state.runs,
        (sweep) => sweep.command === name && samePlan(sweep.plan, plan),
      );
      const points = plan.sessions.flatMap((session) => session.points);
      const unfinished = last !== undefined && (await last.directory.finished()).size < points.length;
      const kept = unfinished
        ? last
        : await createSweep(state, name, {
            plan,
            origin: {
              kind: 'configs',
              configKeys: keys,
              configFiles: [...configFiles],
              ...defined({ runnerConfig: options.runnerConfig }),
            },
          });
      process.exitCode = await performAndPrint(kept, { ...(await performOptions(state, options)), pools });
      const { report } = kept.directory;
      if (process.exitCode === 0 && options.open && !options.json && existsSync(report))
        openInBrowser(report);
    });
}

/** The config for this machine's GPU that `init` writes; writes it first if it does not exist. */
async function ownConfig(
  options: QuickstartOptions,
): Promise<{ readonly configKey: string; readonly configFiles: readonly string[] }> {
  const { proposal, unreached } = await proposeFiles({ ...options, gpuOnly: true });
  // Check before writing files that the next attempt would find.
  if (unreached !== undefined) throw new InputError([unreached]);
  const { files, configKey, decisions } = proposal;
  for (const line of decisions) noteOnStderr(line, options.json);
  const isThere = files.every(
    ({ path, content }) => existsSync(path) && readFileSync(path, 'utf8') === content,
  );
  const otherwise =
    'measure the existing config with `run --config-keys KEY`, use an empty folder, or replace them with `init --force`';
  if (!isThere) warn(await writeProposal(proposal, { force: false, otherwise }), options.json);
  return {
    configKey,
    configFiles: files.map(({ path }) => path).filter((path) => path.endsWith('-master.yaml')),
  };
}

/** The configs with these frameworks, or all configs; throws InputError if no config has a framework. */
function keysOf(
  configs: Awaited<ReturnType<typeof loadMasterConfigs>>,
  engines: readonly string[] | undefined,
): string[] {
  // `--engines llama.cpp,vllm` and `--engines llama.cpp vllm` are the same.
  const wanted = engines?.flatMap((list) => list.split(','));
  const frameworks = [...configs.values()].map(({ framework }) => framework);
  const unknown = wanted?.find((framework) => !frameworks.includes(framework));
  if (unknown !== undefined) {
    throw new InputError(
      `no config for engine '${unknown}'`,
      `configs exist for ${[...new Set(frameworks)].join(', ')}`,
    );
  }
  return [...configs]
    .filter(([, { framework }]) => wanted === undefined || wanted.includes(framework))
    .map(([key]) => key);
}
