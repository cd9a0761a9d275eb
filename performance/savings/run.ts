import { parseArgs } from 'node:util';
import { loadGpuConstants, loadMasterConfigs, loadRunnerPools, poolOf } from '../../src/config/index.ts';
import { fullSweep, isMultiNode, type MatrixEntry } from '../../src/matrix/index.ts';
import { curveKey, loadRecipes, type Plan, planSessions, type Sharing } from '../../src/plan/index.ts';
import { hypervolume } from '../../src/plan/pareto.ts';
import { markdownTable } from '../../src/results/index.ts';
import { januaryMasters, januaryRunners } from '../../test/support/january.ts';
import { type NodesOf, type Simulated, simulate } from './simulate.ts';
import { spread, type World, worldOf } from './world.ts';

const { values } = parseArgs({ options: { worlds: { type: 'string', default: '20' } } });
const worlds = Number(values.worlds);

const pools = await loadRunnerPools(januaryRunners);
const gpus = await loadGpuConstants();
const hardwareOf = ({ runner }: MatrixEntry) => poolOf(runner, pools) ?? runner;
const everything = fullSweep(await loadMasterConfigs(januaryMasters), pools).filter(
  (entry) => hardwareOf(entry) !== 'cpu',
);
const recipes = await loadRecipes(everything.map((entry) => ({ entry, hardware: hardwareOf(entry) })));
const planOf = (entries: readonly MatrixEntry[], sharing: Sharing) =>
  planSessions(entries, { recipes, hardwareOf, sharing });
/**
 * Like the public system: each single-node entry has its own start, and a multi-node entry measures its list on one
 * start.
 */
const planPerEntry = (entries: readonly MatrixEntry[]): Plan => ({
  sessions: entries.flatMap((entry) => planOf([entry], 'identical').sessions),
});
const allNodes: NodesOf = (runner) => pools.get(runner)?.length ?? 1;
const oneNode: NodesOf = () => 1;

interface Strategy {
  readonly name: string;
  readonly planOf: (entries: readonly MatrixEntry[]) => Plan;
  readonly adaptive: boolean;
  readonly nodesOf: NodesOf;
}
const identical = (entries: readonly MatrixEntry[]) => planOf(entries, 'identical');
const ranges = (entries: readonly MatrixEntry[]) => planOf(entries, 'ranges');
const strategies: readonly Strategy[] = [
  { name: 'one start per entry (public)', planOf: planPerEntry, adaptive: false, nodesOf: allNodes },
  { name: 'identical servers share', planOf: identical, adaptive: false, nodesOf: allNodes },
  { name: 'ranges share', planOf: ranges, adaptive: false, nodesOf: allNodes },
  { name: '… adaptive, all nodes at once', planOf: ranges, adaptive: true, nodesOf: allNodes },
  { name: '… adaptive, one node a pool', planOf: ranges, adaptive: true, nodesOf: oneNode },
];

/** The share of each curve's hypervolume that the omitted points would have added, without noise. */
function losses(plan: Plan, { measured }: Simulated, world: World): number[] {
  const charts = [
    ({ interactivity, tputPerGpu }: ReturnType<World['truth']>) => ({ x: interactivity, y: tputPerGpu }),
    ({ e2elS, tputPerGpu }: ReturnType<World['truth']>) => ({ x: 1 / e2elS, y: tputPerGpu }),
  ];
  const points = plan.sessions.flatMap(({ server, points: list }) =>
    list.map((point) => ({ server, point })),
  );
  return [...Map.groupBy(points, ({ point }) => curveKey(point)).values()].flatMap((curve) =>
    charts.map((chart) => {
      const area = (list: typeof curve) =>
        hypervolume(list.map(({ point, server }) => chart(world.truth(point, server))));
      return 1 - area(curve.filter(({ point }) => measured.has(point.id))) / area(curve);
    }),
  );
}

interface Line {
  readonly name: string;
  readonly points: number;
  readonly starts: number;
  readonly gpuHours: number;
  readonly meanLoss: number;
  readonly worstLoss: number;
}

function simulated(entries: readonly MatrixEntry[], seeds: readonly number[]): Line[] {
  return strategies.map(({ name, planOf: planFor, adaptive, nodesOf }) => {
    const plan = planFor(entries);
    const runs = seeds.map((seed) => {
      const world = worldOf(seed, gpus);
      const run = simulate(plan, world, nodesOf, adaptive);
      return { run, lost: losses(plan, run, world) };
    });
    const lost = runs.flatMap((one) => one.lost);
    return {
      name,
      points: mean(runs.map(({ run }) => run.measured.size)),
      starts: mean(runs.map(({ run }) => run.starts)),
      gpuHours: mean(runs.map(({ run }) => run.gpuHours)),
      meanLoss: mean(lost),
      worstLoss: Math.max(...lost),
    };
  });
}

function print(title: string, lines: readonly Line[]): void {
  const [baseline] = lines;
  if (baseline === undefined) return;
  const table = markdownTable<Line>(
    [
      { header: 'Strategy', kind: 'text', value: ({ name }) => name },
      { header: 'Points', kind: 'whole', value: ({ points }) => points.toFixed(0) },
      { header: 'Starts', kind: 'whole', value: ({ starts }) => starts.toFixed(0) },
      { header: 'Starts/point', kind: 'text', value: ({ starts }) => (starts / baseline.points).toFixed(3) },
      { header: 'GPU-hours', kind: 'text', value: ({ gpuHours }) => gpuHours.toFixed(1) },
      {
        header: 'of public',
        kind: 'text',
        value: ({ gpuHours }) => (gpuHours / baseline.gpuHours).toFixed(3),
      },
      { header: 'Mean loss', kind: 'text', value: ({ meanLoss }) => percent(meanLoss) },
      { header: 'Worst curve', kind: 'text', value: ({ worstLoss }) => percent(worstLoss) },
    ],
    lines,
  );
  process.stdout.write(`\n${title}\n\n${table}\n`);
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

const singleNode = everything.filter((entry) => !isMultiNode(entry));
const multiNode = everything.filter(isMultiNode);
const others = Array.from({ length: worlds }, (_, index) => index + 1);
const reports = [
  { title: `Single node, as predicted (${singleNode.length} entries)`, lines: simulated(singleNode, [0]) },
  {
    title: `Single node, ${worlds} other worlds: layouts up to ${spread.layoutFactor}× off, slowdown ±${spread.slowdownExponent}, noise ${percent(spread.noise)}`,
    lines: simulated(singleNode, others),
  },
  { title: `Several nodes, as predicted (${multiNode.length} entries)`, lines: simulated(multiNode, [0]) },
  { title: `Several nodes, ${worlds} other worlds`, lines: simulated(multiNode, others) },
];
for (const { title, lines } of reports) print(title, lines);

const starts = reports[0]?.lines.find(({ name }) => name === 'ranges share')?.starts ?? Number.NaN;
const worst = Math.max(...reports.flatMap(({ lines }) => lines.map(({ worstLoss }) => worstLoss)));
const targets = [
  {
    what: `engine starts per point ≤ 0.2: ${(starts / singleNode.length).toFixed(3)}`,
    met: starts / singleNode.length <= 0.2,
  },
  { what: `hypervolume lost on the worst curve of any world < 1 %: ${percent(worst)}`, met: worst < 0.01 },
];
for (const { what, met } of targets) process.stdout.write(`\n${met ? 'pass' : 'MISS'}  ${what}`);
process.stdout.write('\n');
