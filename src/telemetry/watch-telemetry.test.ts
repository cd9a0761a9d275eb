import { expect, test } from 'vitest';
import type { NodeExporter } from './exporters/exporters.ts';
import { watchTelemetry } from './watch-telemetry.ts';

const text = 'DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a"} 500\n';

/** An exporter, and a promise that it was read several times. */
function exporter(node: string, answer: () => Promise<string>) {
  const { promise: wasRead, resolve } = Promise.withResolvers<void>();
  let reads = 0;
  const read = async () => {
    reads += 1;
    if (reads > 2) resolve();
    return await answer();
  };
  const one: NodeExporter = { node, place: { url: `http://${node}:9400/metrics`, read } };
  return { one, wasRead };
}

async function powerOf(answers: readonly (() => Promise<string>)[]) {
  const exporters = answers.map((answer, index) => exporter(`node-${index}`, answer));
  const startedAt = Date.now() / 1000;
  const watch = watchTelemetry({
    host: undefined,
    nodes: answers.length,
    exporters: exporters.map(({ one }) => one),
    scrapes: { intervalS: 0.01, timeoutS: 1 },
  });
  await Promise.all(exporters.map(({ wasRead }) => wasRead));
  const { power } = await watch.over({
    started_at: startedAt,
    duration: Date.now() / 1000 - startedAt,
    total_input_tokens: null,
    total_output_tokens: null,
    output_throughput: null,
    total_token_throughput: null,
  });
  return power;
}

test('the power of an engine on several nodes is that of all their exporters', async () => {
  expect(await powerOf([async () => text, async () => text])).toMatchObject({
    state: 'measured',
    mean_w: 1000,
  });
});

test('without an answer of one exporter there is none: the power of the other nodes is not that of the engine', async () => {
  const refused = async () => await Promise.reject(new Error('connection refused'));
  expect(await powerOf([async () => text, refused])).toEqual({
    state: 'unavailable',
    reason: expect.stringMatching(/^dcgm-exporter node1: .*refused/),
  });
});
