import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTrace, traceInWords } from '../describe/index.ts';
import { agentLengthsIn } from './as-lengths.ts';
import { synthesisDefaults, synthesizeTraces } from './synthesize.ts';
import { isSubagent } from './trace.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agents-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const traces = synthesizeTraces({ ...synthesisDefaults, traces: 3, contextTokens: 4096 });

async function fileOf(rows: readonly object[]): Promise<string> {
  const file = join(folder, 'agents.jsonl');
  await writeFile(file, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
  return file;
}

test('the requests of all agents are described, and share blocks only within their session', async () => {
  const made = await agentLengthsIn(await fileOf(traces));
  if (made === undefined) throw new Error('these are agent traces');
  const sent = traces.flatMap(({ requests }) =>
    requests.flatMap((one) => (isSubagent(one) ? one.requests : [one])),
  );
  const description = describeTrace(made, { seed: 0 });
  expect(description.requests).toBe(sent.length);
  expect(description.input.total).toBe(sent.reduce((sum, request) => sum + request.in, 0));
  expect(description.idealHits.blockTokens).toBe(traces[0]?.block_size);
  expect(description.idealHits.unlimited).toBeGreaterThan(0.5);
  expect(traceInWords(description)).toContain('Lengths in tokens');

  // The same session again has other tokens, so it is not a hit.
  const [first] = traces;
  if (first === undefined) throw new Error('a trace');
  const once = await agentLengthsIn(await fileOf([first]));
  const twice = await agentLengthsIn(await fileOf([first, { ...first, id: 'again' }]));
  if (once === undefined || twice === undefined) throw new Error('these are agent traces');
  const shareOf = (of: typeof once) => describeTrace(of, { seed: 0 }).idealHits.unlimited;
  expect(shareOf(twice)).toBeCloseTo(shareOf(once) ?? Number.NaN, 9);
});

test('another file is left to the other readers, and a broken line is named', async () => {
  expect(await agentLengthsIn(await fileOf([{ prompt: 'one' }]))).toBeUndefined();
  const [first, second] = traces;
  await expect(agentLengthsIn(await fileOf([first ?? {}, { ...second, block_size: 0 }]))).rejects.toThrow(
    /agents\.jsonl:2: block_size: expected a number above 0/,
  );
});
