import { Command, Option } from 'commander';
import { BrokenNodes } from '../../app/broken-nodes.ts';
import { sorted } from '../../app/checked-plan.ts';
import { checkEntries } from '../../app/checks/index.ts';
import {
  defaultConfigFiles,
  defaultRunnerConfig,
  runnersFolder,
  unreadConfigFiles,
} from '../../app/default-files.ts';
import { locatedEntries } from '../../app/located-entries.ts';
import { examineFetched } from '../../app/reach.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { bearerToken } from '../../bearer-token.ts';
import { loadMasterConfigs, loadRunnerPools, poolOf, type RunnerPools } from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { examineMachine, examineRepository } from '../../doctor/index.ts';
import { formatProblem, InputError, type Problem } from '../../errors.ts';
import { attempt, type Finding } from '../../finding.ts';
import { choosesNodes, examinePlace, loadPool } from '../../launchers/index.ts';
import { decide } from '../../matrix/index.ts';
import { defaultCacheDir } from '../../provision/index.ts';
import { jsonOption, stateDirOption } from '../options.ts';

interface DoctorOptions {
  readonly pool?: readonly string[];
  readonly node?: string;
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly ci?: string | true;
  readonly json?: true;
}

/** The findings about one subject: this machine, or the nodes of a pool with the same settings. */
interface Examination {
  readonly subject: string;
  readonly findings: readonly Finding[];
}

/** `inferencemax doctor`: finds what would make a sweep fail. */
export function command(): Command {
  return new Command('doctor')
    .description('Checks for problems that would make a sweep fail, and says how to fix them.')
    .addOption(new Option('--pool <names...>', 'also check the nodes of these runner pools'))
    .addOption(
      new Option(
        '--node <name>',
        'check only this node of the pool; if it is quarantined and healthy, return it to service',
      ),
    )
    .addOption(
      new Option('--config-files <files...>', 'master config files (default: those in .github/configs)'),
    )
    .addOption(
      new Option('--runner-config <file>', 'runner pool file (default: .github/configs/runners.yaml)'),
    )
    .addOption(stateDirOption())
    .addOption(
      new Option('--cache-dir <folder>', 'cache directory for engines and weights').default(
        defaultCacheDir(),
      ),
    )
    .addOption(
      new Option(
        '--ci [owner/name]',
        'check that a GitHub repository keeps untrusted code off its runners (default: $GITHUB_REPOSITORY); GH_TOKEN is sent',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax doctor --pool h200
  inferencemax doctor --pool h200 --node h200-nb_1
  inferencemax doctor --ci my-org/benchmarks

The command stops no process and changes nothing, except that --node returns a healthy node to service.
Exit codes: 0 no problems (there may be warnings), 1 problems found.`,
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
    throw new InputError('--ci needs the name of a repository', 'write it as owner/name', {
      code: 'missing-option',
    });
  const api = process.env.GITHUB_API_URL ?? 'https://api.github.com';
  const token = bearerToken('GH_TOKEN', process.env.GH_TOKEN);
  return { subject: `repository ${name}`, findings: await examineRepository({ api, name, token }) };
}

async function examine(options: DoctorOptions): Promise<Examination[]> {
  if (options.ci !== undefined) return [await examineCi(options.ci)];
  const state = new StateFolder(options.stateDir);
  const pools = await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig());
  if (options.node !== undefined && options.pool?.length !== 1)
    throw new InputError("--node needs the node's pool", 'name one: --pool <pool> --node <node>', {
      code: 'missing-option',
    });
  for (const name of options.pool ?? []) {
    if (!pools.has(name)) {
      throw new InputError(`unknown runner pool '${name}'`, `the pools are ${[...pools.keys()].join(', ')}`, {
        code: 'unknown-runner',
      });
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
  const broken = new BrokenNodes(state);
  for (const name of options.pool ?? []) {
    examinations.push(
      ...(options.node === undefined
        ? [
            ...(await examinePool(name, pools)),
            ...(await examineFetchedOf(name, pools, options)),
            ...(await outOfUse(name, broken)),
          ]
        : [await examineNodeOf(name, options.node, pools, broken)]),
    );
  }
  return examinations;
}

/** Checks the configs of the selected pools, or all configs, with the checks of `validate` and `run`. */
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

/** Groups nodes with the same settings and checks each group once. */
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

/** Checks whether the images and models of a pool's configs can be downloaded by its first node. */
async function examineFetchedOf(
  name: string,
  pools: RunnerPools,
  { configFiles }: DoctorOptions,
): Promise<Examination[]> {
  const findings = await attempt('configs', '`inferencemax validate` says more', async () => {
    const configs = await loadMasterConfigs(configFiles ?? defaultConfigFiles());
    const own = [...configs.values()].filter(({ runner }) => poolOf(runner, pools) === name);
    const pool = await loadPool(name, runnersFolder());
    return await examineFetched(own, pool.settingsFor(pools.get(name)?.[0]));
  });
  return findings.length === 0 ? [] : [{ subject: `images and models of pool ${name}`, findings }];
}

/** Checks one node, by the pool's or the cluster's name for it; returns it to service if it is healthy. */
async function examineNodeOf(
  poolName: string,
  node: string,
  pools: RunnerPools,
  broken: BrokenNodes,
): Promise<Examination> {
  const pool = await loadPool(poolName, runnersFolder());
  const isOwn = pools.get(poolName)?.includes(node) === true;
  const settings = pool.settingsFor(isOwn ? node : undefined);
  if (!isOwn && !choosesNodes(settings)) {
    throw new InputError(
      `pool ${poolName} has no node '${node}'`,
      `its nodes are ${(pools.get(poolName) ?? []).join(', ')}`,
    );
  }
  const findings = [...(await examinePlace(settings, pool.file, isOwn ? undefined : node))];
  const mark = (await broken.all()).find((one) => one.pool === poolName && one.node === node);
  if (mark !== undefined) {
    const isWell = !findings.some(({ state }) => state === 'problem');
    if (isWell) await broken.remove(mark);
    const since = `since ${mark.sinceAt.slice(0, 10)}, ${mark.reason}`;
    findings.push(
      isWell
        ? { check: 'use', state: 'ok', message: `it was out of use (${since}), and sweeps use it again` }
        : {
            check: 'use',
            state: 'problem',
            message: `it is out of use ${since}`,
            todo: 'fix the problems above, then run doctor again',
          },
    );
  }
  return { subject: `node ${node} of pool ${poolName}`, findings };
}

/** Nodes of a pool that are out of use, and how to return them to service. */
async function outOfUse(poolName: string, broken: BrokenNodes): Promise<Examination[]> {
  const marks = (await broken.all()).filter(({ pool }) => pool === poolName);
  if (marks.length === 0) return [];
  return [
    {
      subject: `nodes of pool ${poolName} that are out of use`,
      findings: marks.map(({ node, reason, sinceAt }) => ({
        check: 'use',
        state: 'warning',
        message: `${node}: since ${sinceAt.slice(0, 10)}, ${reason}`,
        todo: `fix it, then run: inferencemax doctor --pool ${poolName} --node ${node}`,
      })),
    },
  ];
}

function inWords({ subject, findings }: Examination): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, state, message, todo }) => {
    const advice = todo === undefined ? '' : `\n${' '.repeat(width + 13)}${todo}`;
    return `  ${state.padEnd(8)} ${check.padEnd(width)}  ${message}${advice}\n`;
  });
  return `${subject}\n${lines.join('')}`;
}
