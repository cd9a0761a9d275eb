import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { said } from '../../../../test/support/said.ts';
import { packageRoot } from '../../../package-root.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priority-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function prioritized(input: unknown, policy: string, ...args: readonly string[]) {
  const file = join(folder, 'matrix.json');
  await writeFile(file, JSON.stringify(input));
  return await said('ci', 'priority', '--input', file, '--policy', policy, ...args);
}

const golden = join(packageRoot, '../shared/upstream-2026-08');
const caseSchema = z.object({
  name: z.string(),
  title: z.string(),
  input: z.json(),
  policy: z.string(),
  args: z.array(z.string()),
  exit: z.int(),
  output: z.json().optional(),
});

describe.skipIf(!existsSync(golden))('the public priorities (skipped: no ../shared)', () => {
  const cases = existsSync(golden)
    ? z
        .array(z.looseObject({ tool: z.string() }))
        .parse(JSON.parse(readFileSync(join(golden, 'results/cases.json'), 'utf8')))
        .flatMap((one) => (one.tool === 'priority' ? caseSchema.parse(one) : []))
    : [];

  test.each(cases)('$name, $title', async ({ input, policy, args, exit, output }) => {
    const { code, stdout } = await prioritized(input, join(golden, policy), ...args);
    expect(code).toBe(exit);
    if (output !== undefined) expect(JSON.parse(stdout)).toEqual(output);
  });
});

const policy = `version: 1
base-score: 1.0005
adjustments: { event: { push: 2 }, framework-prefix: { vllm: 0.5 } }
labels: { skip-queue: { name: skip }, patchwork: { names: [patched], score: 0, waived-by: [waived] } }
`;
const entry = { runner: 'h100', framework: 'vllm-disagg', image: 'größe' };

describe('ci priority', () => {
  let file: string;
  beforeEach(async () => {
    file = join(folder, 'policy.yaml');
    await writeFile(file, policy);
  });
  const priorities = async (...args: readonly string[]) => {
    const { stdout } = await prioritized({ jobs: [entry] }, file, ...args);
    const list = z.array(z.object({ priority: z.string(), 'queue-token': z.string() }));
    return z.object({ jobs: list }).parse(JSON.parse(stdout)).jobs;
  };

  test('rounds half up, and gives a framework the points of its family', async () => {
    expect(await priorities()).toMatchObject([{ priority: '1.501' }]);
    expect(await priorities('--event-name', 'push')).toMatchObject([{ priority: '3.501' }]);
  });

  test('a label for patched engines sets the score unless it is waived', async () => {
    expect(await priorities('--labels-json', '["patched"]')).toMatchObject([{ priority: '0.000' }]);
    expect(await priorities('--labels-json', '["patched","waived"]')).toMatchObject([{ priority: '1.501' }]);
  });

  test('tokens differ by namespace and by position', async () => {
    const tokens = [await priorities(), await priorities('--queue-namespace', 'x')].flat();
    const two = z
      .array(z.looseObject({ 'queue-token': z.string() }))
      .parse(JSON.parse((await prioritized([entry, entry], file)).stdout));
    expect(new Set([...tokens, ...two].map((one) => one['queue-token'])).size).toBe(4);
  });

  test('an invalid node count is reported', async () => {
    const { code, stderr } = await prioritized([{ ...entry, 'node-count': 0 }], file);
    expect([code, stderr]).toEqual([1, expect.stringContaining('node-count is 0')]);
  });
});
