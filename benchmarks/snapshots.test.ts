import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultConfigFiles, defaultRunnerConfig } from '../src/app/default-files.ts';
import { hardwareOfPool, loadMasterConfigs, loadRunnerPools, poolOf } from '../src/config/index.ts';
import { defined } from '../src/defined/defined.ts';
import { engineFor } from '../src/engines/index.ts';
import { isReplayed } from '../src/identity/index.ts';
import { fullSweep, isMultiNode, type MatrixEntry, seqLenName } from '../src/matrix/index.ts';
import {
  chooseRecipe,
  type EngineSession,
  type LauncherKind,
  loadRecipes,
  planSessions,
  recipeName,
  type ServerSpec,
  type Sharing,
  unheededFields,
} from '../src/plan/index.ts';
import { leavesOf, settingsOf } from '../src/plan/settings.ts';
import { januaryMasters, januaryRunners } from '../test/support/january.ts';
import { commandMeaning } from './testdata/command-meaning.ts';

/** Entries of configs, and what they are served by. */
async function entriesOf(files: readonly string[], runners: string) {
  const pools = await loadRunnerPools(runners);
  const hardwareOf = ({ runner }: MatrixEntry) => hardwareOfPool(poolOf(runner, pools) ?? runner);
  const hasRecipe = (entry: MatrixEntry) => {
    const chosen = chooseRecipe({ entry, hardware: hardwareOf(entry) });
    return chosen !== undefined && chosen.is !== 'generic';
  };
  const entries = fullSweep(await loadMasterConfigs(files), pools).filter(hasRecipe);
  const recipes = await loadRecipes(entries.map((entry) => ({ entry, hardware: hardwareOf(entry) })));
  // Omit entries with fields that their recipe does not support yet.
  const served = entries.filter(
    (entry) => unheededFields(recipes(entry, hardwareOf(entry)), entry).length === 0,
  );
  return { entries: served, hardwareOf, recipes };
}

type Served = Awaited<ReturnType<typeof entriesOf>>;

const checkedIn = await entriesOf(defaultConfigFiles(), defaultRunnerConfig());
const january = await entriesOf(januaryMasters, januaryRunners);

const byRecipe = ({ entries, hardwareOf }: Served) =>
  Map.groupBy(
    entries,
    (entry) => `${isReplayed(entry) ? 'agentic_' : ''}${recipeName(entry, hardwareOf(entry))}`,
  );
const all = [
  ...[...byRecipe(checkedIn)].map(([name, mine]) => ({ name, mine, served: checkedIn })),
  ...[...byRecipe(january)].map(([name, mine]) => ({ name: `january-2026/${name}`, mine, served: january })),
].filter(({ name }) => !name.startsWith('january-2026/smollm2'));

/** `snapshots/<recipe>.txt` lists each server setting once, with the points that use it. */
describe('every recipe matches its snapshot for every entry of every config', () => {
  test.each(all)('$name', async ({ name, mine, served }) => {
    const plan = planner(served);
    const sessions = plan(mine, 'slurm', 'identical');
    const labels = labelsOf(sessions);
    const slurm = settingsByPoints(sessions);
    const docker = settingsByPoints(plan(mine, 'docker', 'identical'));
    const sections = [...slurm].map(([setting, points]) => {
      const both = sameSet(docker.get(setting), points);
      return { setting, points, by: both ? '' : ' (by slurm)' };
    });
    for (const [setting, points] of docker)
      if (!sameSet(slurm.get(setting), points)) sections.push({ setting, points, by: ' (by docker)' });
    const byPoints = Map.groupBy(
      sections,
      ({ points, by }) => describePoints(points, labels).join('\n') + by,
    );
    const text = [
      ...[...byPoints].flatMap(([points, list]) => [
        points,
        ...indented(list.map(({ setting }) => setting)),
        '',
      ]),
      ...sharedStarts(plan(mine, 'slurm', 'ranges'), labels),
    ].join('\n');
    await expect(text).toMatchFileSnapshot(`./snapshots/${name}.txt`);
  });
});

describe('ranges', () => {
  test.each(all)('$name: only declared caps are raised for a shared start', ({ mine, served }) => {
    const { hardwareOf, recipes } = served;
    const raised = new Set<string>();
    const declared = new Set<string>();
    for (const entry of mine) {
      const hardware = hardwareOf(entry);
      const recipe = recipes(entry, hardware);
      for (const cap of Object.keys(recipe.caps ?? {})) declared.add(cap);
      const conc = isMultiNode(entry) ? Math.max(...entry.conc) : entry.conc;
      for (const launcher of ['docker', 'slurm'] as const) {
        const own = settingsOf(recipe.server({ entry, conc, hardware, launcher, maxConc: conc }));
        for (const maxConc of [2 * conc, 16 * conc]) {
          const shared = settingsOf(recipe.server({ entry, conc, hardware, launcher, maxConc }));
          expect([...shared.keys()]).toEqual([...own.keys()]);
          for (const [setting, value] of shared) if (own.get(setting) !== value) raised.add(setting);
        }
      }
    }
    expect([...raised].toSorted()).toEqual([...declared].toSorted());
  });

  test('the single-node full sweep of January needs at most one engine start per five points', () => {
    const singleNode = january.entries.filter((entry) => !isMultiNode(entry) && entry.runner !== 'cpu');
    const plan = planner(january);
    const starts = (sharing: Sharing) => plan(singleNode, 'slurm', sharing).length;
    expect(singleNode).toHaveLength(710);
    expect([starts('none'), starts('identical')]).toEqual([710, 267]);
    expect(starts('ranges') / 710).toBeLessThanOrEqual(0.2);
  });
});

function planner({ recipes, hardwareOf }: Served) {
  return (list: readonly MatrixEntry[], launcher: LauncherKind, sharing: Sharing): readonly EngineSession[] =>
    planSessions(list, { recipes, hardwareOf, launcherOf: () => launcher, sharing }).sessions;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** The server as lines that can be compared one by one. */
function serverLines({ framework, model, image, server }: EngineSession): string[] {
  const engine = engineFor(framework);
  const { argv } = engine.command({
    ...defined({ engineDir: /^(?:npm|pypi):/.test(image) ? '<engine>' : undefined }),
    modelPath: model,
    servedModelName: model,
    host: '127.0.0.1',
    port: 8888,
    args: server.args,
  });
  const { words, flags } = commandMeaning(argv.map((word) => (word.startsWith('/') ? '<path>' : word)));
  return [
    `image ${image}`,
    words.join(' '),
    ...Object.entries(flags).map(([flag, value]) => (value === true ? flag : `${flag} ${value}`)),
    ...processLines(server),
    `${server.acceleratorCount} accelerators`,
    ...(server.disaggregated?.workers ?? []).flatMap((worker) => [
      `${worker.count} ${worker.role} workers, ${worker.nodesPerWorker} nodes and ${worker.acceleratorsPerWorker} accelerators each`,
      ...processLines(worker).map((line) => `${worker.role} ${line}`),
      ...Object.entries(commandMeaning(worker.args).flags).map(
        ([flag, value]) => `${worker.role} ${value === true ? flag : `${flag} ${value}`}`,
      ),
    ]),
    ...(server.disaggregated === undefined ? [] : [`${server.disaggregated.frontends} frontends`]),
  ];
}

function processLines({ env, files }: Pick<ServerSpec, 'env' | 'files'>): string[] {
  return [
    ...Object.entries(env).map(([name, value]) => `env ${name}=${value}`),
    ...files.flatMap(({ path, content }) =>
      leavesOf(parse(content)).map(([key, value]) => `${path} ${key}: ${value}`),
    ),
  ];
}

/** A point, as the snapshots name it. */
interface Label {
  readonly layout: string;
  readonly shape: string;
  readonly conc: number;
}

function labelsOf(sessions: readonly EngineSession[]): Label[] {
  return sessions.flatMap(({ points }) =>
    points.map(({ entry, conc }) => ({
      layout: layoutOf(entry),
      shape: seqLenName(entry.isl, entry.osl),
      conc,
    })),
  );
}

/** Every line of every server, with the points whose servers have it. */
function settingsByPoints(sessions: readonly EngineSession[]): Map<string, Label[]> {
  const settings = new Map<string, Label[]>();
  for (const session of sessions) {
    for (const line of serverLines(session))
      settings.set(line, [...(settings.get(line) ?? []), ...labelsOf([session])]);
  }
  return settings;
}

function sameSet(a: readonly Label[] | undefined, b: readonly Label[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** `tp8 ep8 mtp: 1k1k 1k8k conc 4 8, 8k1k conc 4`, one line per layout; `all` if it covers the whole layout. */
function describePoints(points: readonly Label[], all: readonly Label[]): string[] {
  if (points.length === all.length) return ['every point'];
  const whole = Map.groupBy(all, ({ layout }) => layout);
  return [...Map.groupBy(points, ({ layout }) => layout)].map(([layout, list]) => {
    if (list.length === whole.get(layout)?.length) return `${layout}: all`;
    const concs = [...Map.groupBy(list, ({ shape }) => shape)].map(([shape, some]) => ({
      shape,
      concs: some.map(({ conc }) => conc).join(' '),
    }));
    const parts = [...Map.groupBy(concs, (part) => part.concs)].map(
      ([conc, shapes]) => `${shapes.map(({ shape }) => shape).join(' ')} conc ${conc}`,
    );
    return `${layout}: ${parts.join(', ')}`;
  });
}

function layoutOf(entry: MatrixEntry): string {
  const spec = entry['spec-decoding'] === 'none' ? '' : ` ${entry['spec-decoding']}`;
  if (!isMultiNode(entry)) return `tp${entry.tp} ep${entry.ep}${entry['dp-attn'] ? ' dp-attn' : ''}${spec}`;
  const phase = ({ 'num-worker': count, tp, ep, 'dp-attn': attentionDp }: typeof entry.prefill) =>
    `${count}×tp${tp} ep${ep}${attentionDp ? ' dp-attn' : ''}`;
  return `prefill ${phase(entry.prefill)}, decode ${phase(entry.decode)}${spec}`;
}

/** The points that one start serves although their servers differ, because caps are raised. */
function sharedStarts(sessions: readonly EngineSession[], all: readonly Label[]): string[] {
  const shared = sessions.filter((session) => session.shared !== undefined);
  if (shared.length === 0) return [];
  const caps = Object.entries(Object.assign({}, ...shared.map((session) => session.shared?.caps)));
  return [
    'started once for several servers',
    ...indented(caps.map(([cap, reason]) => `${cap} is raised: ${reason}`)),
    ...shared.flatMap((session) => [
      `  as for concurrency ${session.shared?.maxConc}, instead of ${session.shared?.servers} servers`,
      ...indented(indented(describePoints(labelsOf([session]), all))),
    ]),
    '',
  ];
}
