import { Command, Option } from 'commander';
import { sorted } from '../../app/checked-plan.ts';
import { checkEntries } from '../../app/checks/index.ts';
import {
  defaultConfigFiles,
  defaultRunnerConfig,
  runnersFolder,
  unreadConfigFiles,
} from '../../app/default-files.ts';
import { locatedEntries } from '../../app/located-entries.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { bearerToken } from '../../bearer-token.ts';
import { loadMasterConfigs, loadRunnerPools, poolOf, type RunnerPools } from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { examineMachine, examineRepository } from '../../doctor/index.ts';
import { formatProblem, InputError, type Problem } from '../../errors.ts';
import { attempt, type Finding } from '../../finding.ts';
import { examinePlace, loadPool } from '../../launchers/index.ts';
import { decide } from '../../matrix/index.ts';
import { defaultCacheDir } from '../../provision/index.ts';
import { jsonOption, stateDirOption } from '../options.ts';

interface DoctorOptions {
  readonly pool?: readonly string[];
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly ci?: string | true;
  readonly json?: true;
}

/** What was found out about one thing: this machine, or the nodes of a pool that are reached in the same way. */
interface Examination {
  readonly subject: string;
  readonly findings: readonly Finding[];
}

/** `inferencemax doctor`: what a sweep would stumble over, before it does. */
export function command(): Command {
  return new Command('doctor')
    .description('Looks for what would make a sweep fail, and says what to do about it.')
    .addOption(new Option('--pool <names...>', 'runner pools whose nodes are looked at as well'))
    .addOption(new Option('--config-files <files...>', 'master configs (default: the checked-in ones)'))
    .addOption(new Option('--runner-config <file>', 'runner pools (default: the checked-in one)'))
    .addOption(stateDirOption())
    .addOption(new Option('--cache-dir <folder>', 'keeps engines and weights').default(defaultCacheDir()))
    .addOption(
      new Option(
        '--ci [owner/name]',
        'whether a GitHub repository keeps the code of strangers off its runners (default: $GITHUB_REPOSITORY); GH_TOKEN is sent',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax doctor --pool h200
  inferencemax doctor --ci my-org/benchmarks

Nothing is changed, and nobody's process is ended.
Exit codes: 0 nothing would make a sweep fail (there may be warnings), 1 something would.`,
    )
    .action(async (options: DoctorOptions) => {
      const examinations = await examine(options);
      const problems = examinations
        .flatMap(({ findings }) => findings)
        .filter(({ state }) => state === 'problem');
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ ok: problems.length === 0, examinations })}\n`
          : examinations.map(inWords).join('\n'),
      );
      if (problems.length > 0) process.exitCode = 1;
    });
}

async function examineCi(named: string | true): Promise<Examination> {
  const name = named === true ? (process.env.GITHUB_REPOSITORY ?? '') : named;
  if (!/^[\w.-]+\/[\w.-]+$/.test(name))
    throw new InputError('--ci needs the name of a repository', 'write it as owner/name');
  const api = process.env.GITHUB_API_URL ?? 'https://api.github.com';
  const token = bearerToken('GH_TOKEN', process.env.GH_TOKEN);
  return { subject: `repository ${name}`, findings: await examineRepository({ api, name, token }) };
}

async function examine(options: DoctorOptions): Promise<Examination[]> {
  if (options.ci !== undefined) return [await examineCi(options.ci)];
  const state = new StateFolder(options.stateDir);
  const pools = await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig());
  for (const name of options.pool ?? []) {
    if (!pools.has(name)) {
      throw new InputError(
        `there is no runner pool '${name}'`,
        `the pools are ${[...pools.keys()].join(', ')}`,
      );
    }
  }
  const machine = await examineMachine({
    recordFolder: state.engineRecords,
    stateDir: state.path,
    cacheDir: options.cacheDir,
  });
  const examinations: Examination[] = [
    { subject: 'this machine', findings: machine },
    await examineConfigs(pools, options),
  ];
  for (const name of options.pool ?? []) examinations.push(...(await examinePool(name, pools)));
  return examinations;
}

/** What `validate` would say of the configs of the pools that are looked at, or of all, and what `run` would refuse. */
async function examineConfigs(
  pools: RunnerPools,
  { configFiles, pool: names }: DoctorOptions,
): Promise<Examination> {
  const files = configFiles ?? defaultConfigFiles();
  const subject = names === undefined ? 'configs' : `configs of ${names.join(', ')}`;
  const findings = await attempt('configs', '`inferencemax validate` says more', async () => {
    const all = await loadMasterConfigs(files);
    const configs = new Map(
      [...all].filter(([, { runner }]) => names?.includes(poolOf(runner, pools) ?? runner) ?? true),
    );
    const problems = await checkEntries(locatedEntries(decide(configs, pools), pools, files));
    const unread = configFiles === undefined ? unreadConfigFiles() : [];
    const { errors, warnings } = sorted(problems, 'run');
    const found = [
      ...unread.map((problem) => findingOf('files', 'problem', problem)),
      ...errors.map((problem) => findingOf(problem.check, 'problem', problem)),
      ...warnings.map((problem) => findingOf(problem.check, 'warning', problem)),
    ];
    const message = `${configs.size} of them can be run, by their images, models, layouts and recipes`;
    return found.length > 0 ? found : [{ check: 'configs', state: 'ok', message }];
  });
  return { subject, findings };
}

function findingOf(check: string, state: Finding['state'], { hint, ...problem }: Problem): Finding {
  return { check, state, message: formatProblem(problem), ...defined({ todo: hint }) };
}

/** Nodes with the same settings are looked at once. */
async function examinePool(name: string, pools: RunnerPools): Promise<Examination[]> {
  const pool = await loadPool(name, runnersFolder());
  const groups = new Map<string, { nodes: string[]; settings: ReturnType<typeof pool.settingsFor> }>();
  for (const node of pools.get(name) ?? []) {
    const settings = pool.settingsFor(node);
    const group = groups.get(JSON.stringify(settings)) ?? { nodes: [], settings };
    groups.set(JSON.stringify(settings), { ...group, nodes: [...group.nodes, node] });
  }
  return await Promise.all(
    [...groups.values()].map(async ({ nodes, settings }) => ({
      subject: `pool ${name} by ${settings.launcher}: ${nodes.join(', ')}`,
      findings: await examinePlace(settings, pool.file),
    })),
  );
}

function inWords({ subject, findings }: Examination): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, state, message, todo }) => {
    const advice = todo === undefined ? '' : `\n${' '.repeat(width + 13)}${todo}`;
    return `  ${state.padEnd(8)} ${check.padEnd(width)}  ${message}${advice}\n`;
  });
  return `${subject}\n${lines.join('')}`;
}
