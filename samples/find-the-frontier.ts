// Measures a server at several concurrencies and prints those at which no other is better both in interactivity (tok/s
// of each user) and in throughput (tok/s of all).
//   node samples/find-the-frontier.ts http://127.0.0.1:8000 my-model
import { paretoFrontier } from 'inferencemax/derived';
import { runLoadTest } from 'inferencemax/load';

const [url = 'http://127.0.0.1:8000', model = 'default'] = process.argv.slice(2);

const points = [];
for (const concurrency of [1, 2, 4, 8]) {
  const { median_tpot_ms, output_throughput, fidelity } = await runLoadTest({
    url,
    model,
    concurrency,
    numPrompts: 4 * concurrency,
    // Each level has prompts of its own, which no prefix cache has seen before.
    seed: concurrency,
    dataset: { randomInputLen: 128, randomOutputLen: 32 },
    ignoreEos: true,
  });
  process.stderr.write(`${concurrency} in flight: ${fidelity.verdict} ${fidelity.reasons.join('; ')}\n`);
  // A figure that is not known is null, never 0.
  if (median_tpot_ms !== null && output_throughput !== null)
    points.push({ concurrency, interactivity: 1000 / median_tpot_ms, throughput: output_throughput });
}

const frontier = paretoFrontier(points, ({ interactivity: x, throughput: y }) => ({ x, y }), {
  x: 'higher',
  y: 'higher',
});
process.stdout.write(`${JSON.stringify(frontier, null, 2)}\n`);
