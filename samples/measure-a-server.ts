// Measures a server with eight requests in flight and prints the latencies that its users would see.
//   node samples/measure-a-server.ts http://127.0.0.1:8000 my-model
import { formatResult, LoadError, runLoadTest } from 'inferencemax/load';

const [url = 'http://127.0.0.1:8000', model = 'default'] = process.argv.slice(2);

try {
  const result = await runLoadTest(
    {
      url,
      model,
      concurrency: 8,
      numPrompts: 32,
      dataset: { randomInputLen: 128, randomOutputLen: 32 },
      ignoreEos: true,
    },
    { onProgress: ({ completed }) => process.stderr.write(`${completed} replies\n`) },
  );
  process.stdout.write(formatResult(result));
} catch (error) {
  if (!(error instanceof LoadError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
