// Splits one test between two clients, as on two machines, and merges their results.
//   node samples/share-the-load.ts http://127.0.0.1:8000 my-model
import { mergeResults, runLoadTest } from 'inferencemax/load';

const [url = 'http://127.0.0.1:8000', model = 'default'] = process.argv.slice(2);

const shards = [1, 2].map((number) => ({ number, of: 2 }));
const results = await Promise.all(
  shards.map((shard) =>
    runLoadTest({
      url,
      model,
      shard,
      // The total of both clients.
      concurrency: 8,
      numPrompts: 32,
      dataset: { randomInputLen: 128, randomOutputLen: 32 },
      ignoreEos: true,
    }),
  ),
);
const merged = mergeResults(results.map((result, index) => ({ file: `client ${index + 1}`, json: result })));
process.stdout.write(`${JSON.stringify(merged, null, 2)}\n`);
