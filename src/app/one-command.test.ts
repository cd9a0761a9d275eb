import { afterAll, describe, expect, test } from 'vitest';
import { januaryFolder } from '../../test/support/january.ts';
import { loadMasterConfigs, loadRunnerPools } from '../config/index.ts';
import { engineFor } from '../engines/index.ts';
import { failureTable } from '../failures/index.ts';
import { thisMachine } from '../hosts/index.ts';
import type { LaunchRequest, Reservation, RunningEngine } from '../launchers/index.ts';
import { fullSweep } from '../matrix/index.ts';
import { type EngineSession, nodesOf, type Plan, recipeName, sessionBy } from '../plan/index.ts';
import { nodesFor, SweepDirectory, type SweepNode } from '../sweep/index.ts';
import { withEngine } from '../sweep/start-engine.ts';
import { defaultConfigFiles, defaultRunnerConfig } from './default-files.ts';
import { nodesOfPlan, RunnerNodes } from './nodes.ts';
import { notYetProvisioned, type PlanReport, planReport } from './plan-report.ts';
import { planEntries, poolNameOf } from './planning.ts';
import { StateFolder } from './state-folder.ts';

// All recipes belong to configs of January, whose pools have nodes with several launchers.
const home = process.cwd();
process.chdir(januaryFolder);
afterAll(() => process.chdir(home));

const pools = await loadRunnerPools(defaultRunnerConfig());
const entries = fullSweep(await loadMasterConfigs(defaultConfigFiles()), pools);
const recipes = Map.groupBy(entries, (entry) => recipeName(entry, poolNameOf(pools)(entry)));
const plans = await Promise.all(
  [...recipes].map(async ([name, own]) => [name, await planEntries({ entries: own, pools })] as const),
);

/** No estimates are needed here. */
const noEstimate = {
  sessions: [],
  gpuHours: 0,
  gpuHoursPerEntry: 0,
  startsPerEntry: 0,
  nodeHours: 0,
  assumptions: [],
};

async function printed(plan: Plan): Promise<PlanReport['sessions']> {
  const estimates = plan.sessions.map(({ points }) => ({
    loadS: 0,
    loadBasis: 'assumed' as const,
    totalS: 0,
    gpuHours: 0,
    points: points.map(() => ({ runS: 0, basis: 'assumed' as const })),
  }));
  return planReport(plan, {
    sharing: 'ranges',
    estimate: { ...noEstimate, sessions: estimates },
    runners: await RunnerNodes.load(
      plan.sessions.map(({ hardware }) => hardware),
      { pools },
      'assume',
    ),
  }).sessions;
}

/** The command that the plan prints for a node: its own, else that of its launcher, else the general one. */
function expectedOn(node: SweepNode, session: PlanReport['sessions'][number]) {
  const named = session.commandOn?.find(({ nodes }) => nodes.includes(node.name))?.command;
  const { launch: _, ...command } = named ?? session.commandBy?.[node.launcherKind] ?? session.command;
  return command;
}

/** The request that a sweep passes to the node's launcher once the engine and weights are provisioned. */
async function executed(session: EngineSession, node: SweepNode) {
  const requests: LaunchRequest[] = [];
  const running: RunningEngine = {
    baseUrl: 'http://127.0.0.1:1',
    logPath: '/dev/null',
    exited: Promise.resolve({ code: 1, signal: null }),
    stop: async () => {},
  };
  const place: Reservation = {
    nodes: [node.name],
    node: thisMachine,
    start: async (request) => {
      requests.push(request);
      return running;
    },
    release: async () => {},
  };
  const artifacts =
    node.launcher.runs === 'provisioned engines' ? notYetProvisioned : { modelPath: session.model };
  const starting = withEngine(
    {
      session: sessionBy(session, node.launcherKind),
      engine: engineFor(session.framework),
      node,
      place,
      artifacts: { ...artifacts, provenance: {} },
      start: 1,
      signal: new AbortController().signal,
    },
    {
      sweepId: 'a-sweep',
      directory: new SweepDirectory('/sweep'),
      rules: failureTable,
      clock: { now: () => new Date(0), monotonicMs: () => 0 },
      record: async () => {},
      tell: () => {},
    },
    async () => {},
  );
  await expect(starting).rejects.toThrow('the engine exited');
  const [request, ...more] = requests;
  expect(more).toEqual([]);
  if (request === undefined) throw new Error('nothing was started');
  return request;
}

describe('what `plan` prints is what a sweep executes, on every node', () => {
  test.each(plans)('%s', async (_, plan) => {
    const nodes = await nodesOfPlan(plan, { pools, state: new StateFolder('.inferencemax') });
    const reports = await printed(plan);
    for (const [index, session] of plan.sessions.entries()) {
      const report = reports[index];
      if (report === undefined) throw new Error(`${session.id} is not in the report`);
      const able = nodesFor(session, nodes);
      expect(able.length).toBeGreaterThan(0);
      for (const node of able) {
        const request = await executed(session, node);
        const command = expectedOn(node, report);
        const steps = request.steps?.map(({ files: _files, ...step }) => step);
        const files = [
          ...(request.files ?? []),
          ...(request.steps ?? []).flatMap((step) => step.files ?? []),
        ];
        expect(
          steps === undefined
            ? { kind: 'process', argv: request.argv, env: request.env, files }
            : { kind: 'steps', steps, files },
          `${session.id} on ${node.name}`,
        ).toEqual(command);
        expect(request.port, node.name).toBe(node.port);
      }
    }
  });

  test('the recipes include single-node and multi-node ones', () => {
    const counts = new Set(
      plans.flatMap(([, { sessions }]) => sessions.map(({ server }) => nodesOf(server))),
    );
    expect(counts.has(1)).toBe(true);
    expect(Math.max(...counts)).toBeGreaterThan(1);
  });
});
