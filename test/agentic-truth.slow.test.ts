import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparedFigures, pairedRequests, scheduleErrorsMs } from '../performance/agentic/beside-truth.ts';
import { replayedByUs } from '../performance/agentic/clients.ts';
import { cachingServer, traces, treesOfTraces } from '../performance/agentic/workload.ts';
import { startMockProcess } from '../src/load/mock/process.ts';
import { percentileOf } from '../src/results/agentic/figures.ts';

/** Another program on the measured core disturbs a run, so the best of some counts. */
const mostRuns = 3;
const most = { throughput: 0.01, latency: 0.02 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentic-truth-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function replayed(number: number) {
  await using server = await startMockProcess(cachingServer);
  const by = await replayedByUs({
    traces,
    lanes: 256,
    durationS: 12,
    baseUrl: server.baseUrl,
    folder: join(folder, String(number)),
  });
  const pairs = pairedRequests(by.exported, await server.requests());
  const figures = comparedFigures(pairs).map(({ name, client, server: truth }) => ({
    name,
    error: Math.abs(client / truth - 1),
    most: name.includes('throughput') ? most.throughput : most.latency,
  }));
  /** Above 1 if a figure is outside its limit. */
  const worst = Math.max(...figures.map((figure) => figure.error / figure.most));
  return { pairs, figures, worst };
}

describe('a replay of 256 session trees on one core, beside the records of the server', () => {
  it('reports throughput within 1 % and P90 latencies within 2 %, and sends turns when their pauses are over', async () => {
    let run = await replayed(0);
    for (let number = 1; number < mostRuns && run.worst > 1; number++) {
      const again = await replayed(number);
      if (again.worst < run.worst) run = again;
    }
    const { pairs, figures } = run;
    expect(pairs.filter(({ isMeasured }) => isMeasured).length).toBeGreaterThan(500);
    expect(figures).toHaveLength(5);
    for (const { name, error, most: limit } of figures) expect(error, name).toBeLessThanOrEqual(limit);
    // Both clocks are those of this machine: a turn that is early breaks the rule, whatever else the machine does.
    const errors = scheduleErrorsMs(pairs, treesOfTraces()).toSorted((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(100);
    expect(percentileOf(errors, 0)).toBeGreaterThan(-2);
    // The cache is smaller than all contexts, and still has most of what is sent again.
    const cached = pairs.filter(({ server }) => server.cachedTokens > 0).length;
    expect(cached).toBeGreaterThan(pairs.length / 2);
    expect(cached).toBeLessThan(pairs.length);
  }, 120_000);
});
