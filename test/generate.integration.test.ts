import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaultConfigFiles } from '../src/app/default-files.ts';
import { schemaFiles } from '../src/cli/commands/schema.ts';
import { loadMasterConfigs } from '../src/config/index.ts';
import { packageRoot } from '../src/package-root.ts';
import { januaryFolder } from './support/january.ts';
import { bin, runProduct } from './support/product.ts';

const configs = '.github/configs';
const entries = z.array(
  z.looseObject({
    'model-prefix': z.string(),
    precision: z.string(),
    framework: z.string(),
    runner: z.string(),
    conc: z.unknown(),
  }),
);
type Entries = z.infer<typeof entries>;

async function generate(...args: string[]): Promise<Entries> {
  const { code, stdout, stderr } = await runProduct(['generate', ...args], { cwd: januaryFolder });
  expect(code, stderr).toBe(0);
  return entries.parse(JSON.parse(stdout));
}

describe('command lines of the first public release, with this program instead of the script', () => {
  const files = [
    '--master-config',
    `${configs}/nvidia-master.yaml`,
    `${configs}/amd-master.yaml`,
    '--runners-config',
    `${configs}/runners.yaml`,
  ];

  test('generate both kinds without a filter, single-node first', async () => {
    const all = await generate('full-sweep', ...files);
    expect(all).toHaveLength(710 + 61);
    expect(all.findLastIndex(({ conc }) => typeof conc === 'number')).toBe(709);
  });

  test.each([
    [['--model', 'dsr1'], 'model-prefix', 'dsr1'],
    [['--framework', 'sglang'], 'framework', 'sglang'],
    [['--precision', 'fp8'], 'precision', 'fp8'],
    [['--runner', 'b200'], 'runner', 'b200'],
  ] as const)('%j', async (filter, field, value) => {
    const filtered = await generate('full-sweep', ...files, ...filter);
    expect(filtered.length).toBeGreaterThan(0);
    expect(new Set(filtered.map((entry) => entry[field]))).toEqual(new Set([value]));
  });
});

const golden = join(packageRoot, '../shared/upstream-2026-01/generator');

test.skipIf(!existsSync(golden)).each([
  ['nvidia', 'single'],
  ['amd', 'single'],
  ['amd', 'multi'],
] as const)(
  'the %s configs of January generate the same %s-node entries as the public ones (skipped: no ../shared)',
  async (vendor, kind) => {
    const made = await generate(
      'full-sweep',
      '--config-files',
      `${configs}/${vendor}-master.yaml`,
      `--${kind}-node`,
    );
    expect(made).toEqual(JSON.parse(readFileSync(join(golden, `full-${vendor}-${kind}.json`), 'utf8')));
  },
);

test('github output stays within the limits of Actions and is complete', async () => {
  const { stdout } = await runProduct(['generate', 'full-sweep', '--single-node', '--format', 'github'], {
    cwd: januaryFolder,
  });
  expect(2 * stdout.length).toBeLessThan(1_000_000);
  const outputs = new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const shards = z.array(z.int()).parse(JSON.parse(outputs.get('shards') ?? ''));
  const matrices = shards.map((shard) =>
    z.object({ include: entries.max(256) }).parse(JSON.parse(outputs.get(`matrix-${shard}`) ?? '')),
  );
  expect(matrices.flatMap(({ include }) => include)).toEqual(await generate('full-sweep', '--single-node'));
  expect(outputs.get('count')).toBe(
    (
      await runProduct(['generate', 'full-sweep', '--single-node', '--count'], { cwd: januaryFolder })
    ).stdout.trim(),
  );
});

test('--explain names the line that generates entries and the option that dropped the rest', async () => {
  const args = [
    'generate',
    'full-sweep',
    '--seq-lens',
    '1k8k',
    '--max-conc',
    '8',
    '--explain',
    'dsr1-fp8-h200-sglang',
  ];
  const { stdout } = await runProduct(args, { cwd: januaryFolder });
  const file = readFileSync(join(januaryFolder, configs, 'nvidia-master.yaml'), 'utf8').split('\n');
  const explained = [...stdout.matchAll(/nvidia-master\.yaml:(\d+): (.+)$/gm)].map(([, line, what]) => [
    file[Number(line) - 1]?.trim(),
    what,
  ]);
  expect(explained).toContainEqual(['- isl: 1024', 'dropped by --seq-lens']);
  expect(explained).toContainEqual([
    expect.stringContaining('conc-start'),
    expect.stringMatching(/^\d entr.*: 1024\/8192, tp8 ep1, concurrency 4 8$/),
  ]);
});

test('the checked-in configs, pools and changelog are valid; the warnings are about what cannot run here yet', async () => {
  const { code, stdout } = await runProduct(['validate', '--json'], { cwd: packageRoot });
  expect(code).toBe(0);
  const keys = z.array(z.string());
  const { contract, errors, warnings, configs } = z
    .object({
      contract: z.string(),
      errors: z.array(z.unknown()),
      warnings: z.array(z.object({ message: z.string(), hint: z.string().optional() })),
      configs: z.object({ own: keys, generic: keys, none: keys }),
    })
    .parse(JSON.parse(stdout));
  expect(contract).toBe('August 2026 (scenarios)');
  expect(errors).toEqual([]);
  const isOfRecipes = ({ message }: { readonly message: string }) =>
    /^no recipe benchmarks\/|^recipe benchmarks\/\S+ does not use |^framework: there is no engine /.test(
      message,
    );
  expect(warnings.filter((warning) => !isOfRecipes(warning))).toEqual([
    { message: 'no files in runners', hint: expect.stringContaining('h100-multinode, h200-multinode') },
  ]);
  expect(configs.own).toEqual(expect.arrayContaining(['dsr1-fp8-h200-sglang', 'smollm2-q4-cpu-llamacpp']));
  expect(configs.generic).toContain('dsv4-fp4-b200-sglang');
  expect(configs.none).toEqual(
    expect.arrayContaining(['dsr1-fp4-gb200-dynamo-trt', 'dsv4-fp4-gb200-dynamo-vllm']),
  );
  const known = await loadMasterConfigs(defaultConfigFiles());
  expect(Object.values(configs).flat().toSorted()).toEqual([...known.keys()].toSorted());
});

test('errors in known-failures.yaml are reported with line and column', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'validate-'));
  try {
    await mkdir(join(folder, 'runners'));
    const rows = '- pattern: x\n  meaning: m\n  todo: t\n  class: broken\n- pattern: "("\n  meaning: m\n';
    await writeFile(join(folder, 'runners', 'known-failures.yaml'), rows);
    const { code, stderr } = await runProduct(['validate'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/known-failures\.yaml:4:\d+: .*class/);
    expect(stderr).toMatch(/known-failures\.yaml:5:\d+: .*is not a valid regular expression/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the checked-in JSON Schemas are up to date', () => {
  for (const [name, text] of Object.entries(schemaFiles())) {
    expect(readFileSync(join(packageRoot, 'schemas', name), 'utf8'), 'npm run schemas writes them').toBe(
      text,
    );
  }
});

test('generate without any configs is bad usage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'no-configs-'));
  try {
    const { code, stdout, stderr } = await runProduct(['generate', 'full-sweep'], { cwd: folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('name master configs with --config-files');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a reader that closes the pipe early ends the command without an error', async () => {
  const command = spawn(process.execPath, [bin, 'generate', 'full-sweep'], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  command.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  command.stdout.destroy();
  expect(await once(command, 'close')).toEqual([0, null]);
  expect(stderr).toBe('');
});

test('--json is the default output, and rejected with another format', async () => {
  const args = ['generate', 'test-config', '--config-keys', 'smollm2-q4-cpu-llamacpp'];
  const plain = await runProduct(args, { cwd: packageRoot });
  expect(plain).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\[\{/) });
  expect(await runProduct([...args, '--json'], { cwd: packageRoot })).toEqual(plain);
  expect(await runProduct([...args, '--json', '--format', 'github'], { cwd: packageRoot })).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('"code":"conflicting-options"'),
    stderr: expect.stringContaining("option '--json' cannot be used with option '--format <format>'"),
  });
});
