// Measures a server at several concurrencies and prints those on the frontier of interactivity (tok/s per user) and
// throughput (tok/s in total).
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
    // Each level uses different prompts, so that no prefix cache has them.
    seed: concurrency,
    dataset: { randomInputLen: 128, randomOutputLen: 32 },
    ignoreEos: true,
  });
  process.stderr.write(`${concurrency} in flight: ${fidelity.verdict} ${fidelity.reasons.join('; ')}\n`);
  // An unknown metric is null, never 0.
  if (median_tpot_ms !== null && output_throughput !== null)
    points.push({ concurrency, interactivity: 1000 / median_tpot_ms, throughput: output_throughput });
}

const frontier = paretoFrontier(points, ({ interactivity: x, throughput: y }) => ({ x, y }), {
  x: 'higher',
  y: 'higher',
});
process.stdout.write(`${JSON.stringify(frontier, null, 2)}\n`);
