import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { vllm } from '../src/engines/vllm.ts';
import { packageRoot } from '../src/package-root.ts';
import { besideClient } from '../src/telemetry/server/beside-client.ts';
import { serverFigures } from '../src/telemetry/server/server-figures.ts';

const kept = join(packageRoot, '..', 'shared', 'h100-vllm-2026-11', 'client');

const mean = z.number();
const clientSchema = z.object({
  completed: z.int(),
  failed: z.int(),
  total_output_tokens: z.int(),
  mean_ttft_ms: mean,
  mean_tpot_ms: mean,
  mean_itl_ms: mean,
  mean_e2el_ms: mean,
  fidelity: z.object({ replies_of_several_choices: z.int().default(0) }),
});
const truthSchema = z.record(z.string(), z.number());

/** vLLM's metrics some time before and after the run; their differences are the recorded ones. */
function metricsOf(truth: Readonly<Record<string, number>>) {
  const labels = '{engine="0",model_name="llama-8b-shaped"}';
  const textAt = (runs: number): string => {
    const lines = Object.entries(truth).flatMap(([name, value]) => {
      const histogram = /^(.*)_mean_ms$/.exec(name)?.[1];
      if (histogram !== undefined) {
        const count = truth[`${histogram}_n`] ?? Number.NaN;
        return [
          `vllm:${histogram}_sum${labels} ${runs * count * (value / 1000)}`,
          `vllm:${histogram}_count${labels} ${runs * count}`,
        ];
      }
      return name.endsWith('_n') ? [] : [`vllm:${name}${labels} ${runs * value}`];
    });
    const requests = truth.e2e_request_latency_seconds_n ?? Number.NaN;
    lines.push(`vllm:request_success_total{engine="0",finished_reason="length"} ${runs * requests}`);
    return `${lines.join('\n')}\n`;
  };
  return { before: [textAt(3)], after: [textAt(4)] };
}

// From the table of that run: TTFT and E2EL beyond the server's own, in milliseconds.
describe.runIf(existsSync(kept))('vLLM on an H100, from its own histograms', () => {
  test.each([
    [1, 2.2, 1.6],
    [16, 13.4, 9.4],
    [64, 27.8, 20.9],
    [256, 124.5, 129.4],
  ])(
    'at concurrency %i the client overhead equals the recorded one, and nothing is suspect',
    async (conc, ttft, e2el) => {
      const json = async (name: string): Promise<unknown> =>
        JSON.parse(await readFile(join(kept, name), 'utf8'));
      const client = clientSchema.parse(await json(`ours-${conc}.json`));
      const truth = truthSchema.parse(await json(`truth-ours-${conc}.json`));
      if (vllm.metrics === undefined) throw new Error('vLLM publishes metrics');
      const figures = serverFigures(metricsOf(truth), vllm.metrics);
      expect(figures.finished_requests).toBe(client.completed + client.failed);
      expect(figures.latencies.queue?.mean_ms).toBeCloseTo(truth.request_queue_time_seconds_mean_ms ?? 0, 6);
      const { beyond_server_ms, other_requests, doubts } = besideClient(figures, client);
      expect({ other_requests, doubts }).toEqual({ other_requests: 0, doubts: [] });
      expect(beyond_server_ms.ttft).toBeCloseTo(ttft, 1);
      expect(beyond_server_ms.e2el).toBeCloseTo(e2el, 1);
    },
  );
});
