import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, engineFor } from '../src/engines/index.ts';
import { type FailureRules, failureTable } from '../src/failures/index.ts';
import { thisMachine } from '../src/hosts/index.ts';
import { EngineFailure, type Launcher, type RunningEngine } from '../src/launchers/index.ts';
import { type RawResult, runLoadTest } from '../src/load/index.ts';
import { startMockProcess } from '../src/load/mock/process.ts';
import type { EngineSession } from '../src/plan/index.ts';
import { type BrokenNode, runSweep, SweepDirectory, type SweepEvent } from '../src/sweep/index.ts';
import { notReplayed } from './support/not-replayed.ts';
import { onePointSession } from './support/one-point-session.ts';
import { someLoadTest } from './support/some-load-test.ts';

let folder: string;
let healthy: Server;
let baseUrl: string;
/** The result of every measurement of the night. */
let raw: RawResult;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'night-'));
  healthy = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => healthy.listen(0, '127.0.0.1', resolve));
  const address = healthy.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  await using mock = await startMockProcess({ ttftMs: 5, itlMs: 1, tokensPerEvent: 1, eventsPerWrite: 1 });
  const few = { numPrompts: 4, maxConcurrency: 2, warmupRequests: 0 };
  const { signal } = new AbortController();
  const named = { baseUrl: mock.baseUrl, model: 'mock', tokenizerId: 'mock' };
  const measured = await runLoadTest({ ...someLoadTest, ...named, ...few }, { signal });
  // Ignore the effects of a busy machine.
  raw = { ...measured, fidelity: { ...measured.fidelity, verdict: 'checked', reasons: [] } };
});
afterAll(async () => {
  healthy.close();
  await rm(folder, { recursive: true, force: true });
});

const accelerators = 8;
const names = Array.from({ length: 8 }, (_, index) => `h100_${index}`);

/** How long a start takes until it fails, minutes, and the log at its end. */
interface Ending {
  readonly minutes: number;
  readonly log: string;
}

const brokenNodes: Readonly<Record<string, Ending>> = {
  h100_2: {
    minutes: 12,
    log: 'ERROR torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered',
  },
  h100_5: { minutes: 2, log: 'ERROR RuntimeError: Unexpected error. Error 802: system not yet initialized' },
};
const brokenRecipes: Readonly<Record<number, Ending>> = {
  3: {
    minutes: 1,
    log: "  Value error, Model architectures ['NewMoeForCausalLM'] are not supported for now.",
  },
  13: { minutes: 14, log: 'ERROR ValueError: No available memory for the cache blocks.' },
  23: { minutes: 1, log: 'vllm serve: error: unrecognized arguments: --swap-space-gb 4' },
  // A gated model.
  30: { minutes: 1, log: 'OSError: You are trying to access a gated repo.' },
};
/** The hub rate-limits the first tries of this session. */
const limited = { session: 7, tries: 2, minutes: 1, log: 'HTTPError: 429 Client Error: Too Many Requests' };

const sessionOf = (index: number): EngineSession =>
  onePointSession({ id: `s${index}`, runner: 'h100', hardware: 'h100', accelerators });

interface Night {
  readonly measured: number;
  readonly starts: number;
  /** GPU-hours of starts that measured nothing. */
  readonly lostGpuHours: number;
  readonly outOfUse: readonly string[];
  readonly kept: readonly BrokenNode[];
  readonly events: readonly SweepEvent[];
}

/** A night of 40 sessions on 8 nodes, in which everything is fake except the handling of failures. */
async function night(engine: Engine, rules: FailureRules): Promise<Night> {
  const tries = new Map<string, number>();
  const events: SweepEvent[] = [];
  const kept: BrokenNode[] = [];
  const outOfUse: string[] = [];
  let [starts, lostGpuHours] = [0, 0];
  const endingOf = (sessionId: string, node: string): Ending | undefined => {
    const index = Number(sessionId.slice(1));
    const tried = (tries.get(sessionId) ?? 0) + 1;
    tries.set(sessionId, tried);
    const refused = index === limited.session && tried <= limited.tries ? limited : undefined;
    return refused ?? brokenRecipes[index] ?? brokenNodes[node];
  };
  const launcherOn = (node: string): Launcher => ({
    runs: 'containers',
    endOrphans: async () => [],
    reserve: async ({ sessionId }) => ({
      nodes: [node],
      node: thisMachine,
      start: async (): Promise<RunningEngine> => {
        starts += 1;
        const ending = endingOf(sessionId, node);
        if (ending !== undefined) {
          lostGpuHours += (ending.minutes / 60) * accelerators;
          const logs = [
            `${ending.log}\nRuntimeError: Engine core initialization failed. See root cause above.`,
          ];
          throw new EngineFailure('engine-died', 'the engine exited with exit code 1', ending.log, { logs });
        }
        return { baseUrl, logPath: '', exited: new Promise(() => {}), stop: async () => {} };
      },
      release: async () => {},
    }),
  });
  const directory = new SweepDirectory(await mkdtemp(join(folder, 'sweep-')));
  const sweep = {
    sweepId: 'night',
    createdAt: new Date(0).toISOString(),
    command: 'test',
    plan: { sessions: Array.from({ length: 40 }, (_, index) => sessionOf(index)) },
  };
  await directory.write(sweep);
  const { finished } = await runSweep(directory, sweep, {
    nodes: names.map((name) => ({
      name,
      pool: 'h100',
      launcher: launcherOn(name),
      launcherKind: 'docker',
      host: '127.0.0.1',
      port: 1,
      env: {},
    })),
    lockNode: async () => async () => {},
    tools: {
      engineFor: () => engine,
      provision: async () => ({ modelPath: 'org/model', provenance: {} }),
      replay: notReplayed,
      measure: async () => raw,
      provenance: {},
    },
    rules,
    estimateS: () => undefined,
    now: () => new Date(0),
    onBroken: async (node) => {
      kept.push(node);
    },
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'node-quarantined') outOfUse.push(event.node);
    },
    signal: new AbortController().signal,
  });
  return { measured: finished, starts, lostGpuHours, outOfUse, kept, events };
}

const vllm = engineFor('vllm');
/** The same waits, a thousand times shorter. */
const soon: FailureRules = {
  ...failureTable,
  throttled: { ...failureTable.throttled, backoffS: 0.06, mostBackoffS: 0.6 },
};

test('a night with two broken nodes, three broken recipes, a gated model and a rate limit', async () => {
  const after = await night(vllm, soon);
  // Everything that can be measured is: of 40 sessions, three recipes and one model are rejected.
  expect(after.measured).toBe(36);
  // One start per rejection and per broken node, and one per rate-limited try.
  expect(after.starts - after.measured).toBe(4 + 2 + limited.tries);
  expect(after.outOfUse.toSorted()).toEqual(Object.keys(brokenNodes));
  expect(after.kept.map(({ node }) => node).toSorted()).toEqual(Object.keys(brokenNodes));
  expect(after.events.filter(({ type }) => type === 'session-waits')).toHaveLength(limited.tries);

  // The same night with exit codes as the only information.
  const before = await night({ ...vllm, explainExit: () => undefined }, soon);
  expect(before.starts - before.measured).toBeGreaterThan(1.3 * (after.starts - after.measured));
  expect(before.measured).toBeLessThan(after.measured);
  expect(after.lostGpuHours).toBeCloseTo((1 + 14 + 1 + 1 + 12 + 2 + 2) * (accelerators / 60));
  expect(before.lostGpuHours).toBeGreaterThan(1.5 * after.lostGpuHours);
});
