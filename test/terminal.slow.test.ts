import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { behave } from './stand-in/engine.ts';
import { Scene } from './stand-in/scene.ts';
import { januaryFolder } from './support/january.ts';
import { bin, runProduct } from './support/product.ts';
import { Terminal } from './support/terminal.ts';

const points = {
  'seq-len-configs': [{ isl: 32, osl: 16, 'search-space': [{ tp: 1, 'conc-list': [1, 2, 4] }] }],
};

let scene: Scene;
let terminal: Terminal | undefined;
beforeEach(async () => {
  scene = await Scene.open({ tokenMs: 10 }, { changes: points });
});
afterEach(async () => {
  await terminal?.[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

async function start(args: readonly string[], columns = 80, env: Record<string, string> = {}) {
  terminal = await Terminal.start([process.execPath, bin, ...args], {
    cwd: scene.folder,
    columns,
    env: {
      INFERENCEMAX_LOCK_DIR: join(scene.folder, '.inferencemax', 'machine'),
      LANG: 'C.UTF-8',
      GITHUB_ACTIONS: 'false',
      ...env,
    },
  });
  return terminal;
}

const run = async (columns?: number, env?: Record<string, string>) =>
  await start([...scene.runArgs, '--no-evals'], columns, env);

const isStatus = (row: string) => /\d\/3 points|^ {2}point \d\/3/.test(row);
const isMeasuring = (rows: readonly string[]) => rows.some((row) => /^ {2}point \d\/3/.test(row));

describe('a run on a terminal', () => {
  test('ends with a table that fits, a summary and three commands; its Markdown is in summary.md', async () => {
    const screen = await run(80);
    const rows = await screen.ended();
    expect(rows.at(-1)).toBe('exit code 0');
    expect(rows.filter(isStatus).filter((row) => !/\d\d:\d\d:\d\d/.test(row))).toEqual([]);
    const from = rows.findIndex((row) => /^ *concurrency +tok\/s\/CPU/.test(row));
    const table = rows.slice(from, from + 4);
    expect(table[0]).toMatch(/verdict$/);
    expect(table.slice(1).map((row) => row.trim().split(/ +/)[0])).toEqual(['1', '2', '4']);
    for (const row of table.slice(1)) expect(row).toMatch(/(?:checked|suspect)$/);
    expect(rows.slice(from).join(' ')).toMatch(/Most throughput: [\d.]+ tok\/s per CPU at concurrency \d/);
    expect(rows.slice(rows.indexOf('Next:') + 1, -1)).toHaveLength(3);
    expect(rows.join('\n')).not.toContain('| Model');
    const [sweep = ''] = await scene.sweeps();
    expect(await readFile(join(sweep, 'summary.md'), 'utf8')).toMatch(/^## Single-Node Results\n\n\| Model/);
    const lines = rows.filter((row) => /^\d\d:\d\d:\d\d . point \d\/3/.test(row));
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/conc \d: (?:checked|suspect), [\d.]+ tok\/s, TTFT/);
  });

  test('that is resized while measuring leaves no stale line', async () => {
    await behave(scene.folder, { tokenMs: 100 });
    const screen = await run(120);
    await screen.until(isMeasuring);
    for (const columns of [60, 30, 100]) {
      await screen.resize(columns);
      // The status is the last two rows, complete and without remains of an earlier one.
      await screen.until(
        (rows) =>
          rows.filter((row) => /\d\/3 points/.test(row) && !/to measure/.test(row)).length === 1 &&
          /\d\/3 points/.test(rows.at(-2) ?? '') &&
          isMeasuring(rows.slice(-1)),
      );
    }
    await screen.press('C-c');
    const rows = await screen.ended();
    expect(rows.filter((row) => /\d\/3 points,|^ {2}point \d\/3/.test(row))).toEqual([]);
  });

  test('that is interrupted reports it at once, leaves no status, and shows how to continue', async () => {
    const screen = await run();
    await screen.until(isMeasuring);
    await screen.press('C-c');
    const rows = await screen.ended();
    expect(rows.at(-1)).toBe('exit code 130');
    const text = rows.join('\n');
    expect(text).toContain('interrupted: stopping the engines; press Ctrl-C again to exit now');
    expect(text).toMatch(/inferencemax run --resume run-\S+/);
    expect(rows.filter((row) => /\d\/3 points,|^ {2}point \d\/3|about .* left/.test(row))).toEqual([]);
    expect(await readdir(join(scene.folder, '.inferencemax', 'engines'))).toEqual([]);
  });
});

describe('colours and symbols', () => {
  const escapes = async (env: Record<string, string>) => {
    const { stderr } = await runProduct([...scene.runArgs, '--no-evals'], { cwd: scene.folder, env });
    return { hasColour: stderr.includes('\u001b['), hasSign: stderr.includes('✓') || stderr.includes('! ') };
  };

  test('are absent in a pipe, where standard output is Markdown', async () => {
    const { stdout, stderr } = await runProduct([...scene.runArgs, '--no-evals'], { cwd: scene.folder });
    expect(stderr).not.toContain('\u001b[');
    expect(stdout).toMatch(/^\n## Single-Node Results\n\n\| Model/);
  });

  test('colours are present with FORCE_COLOR', async () => {
    expect(await escapes({ FORCE_COLOR: '1', NODE_NO_WARNINGS: '1' })).toMatchObject({ hasColour: true });
  });

  test('NO_COLOR on a terminal keeps the symbols; TERM=dumb removes both, and all redrawn lines', async () => {
    const plain = await run(80, { NO_COLOR: '1' });
    const rows = await plain.ended();
    expect(rows.some((row) => /^\d\d:\d\d:\d\d [✓!] point 1\/3/.test(row))).toBe(true);
    await plain[Symbol.asyncDispose]();
    const dumb = await run(80, { TERM: 'dumb' });
    const lines = await dumb.ended();
    expect(lines.some((row) => /^\d\d:\d\d:\d\d point 1\/3/.test(row))).toBe(true);
    expect(lines.join('\n')).not.toMatch(/[█░✓]/);
  });
});

describe('a query', () => {
  const query = ['generate', 'full-sweep', '--single-node', '--model-prefix', 'gptoss'];

  test('is a table that fits on a terminal, and JSON in a pipe', async () => {
    const screen = await start([
      ...query,
      '--config-files',
      join(januaryFolder, '.github/configs/nvidia-master.yaml'),
    ]);
    const rows = await screen.ended();
    const header = rows.find((row) => row.startsWith('model '));
    expect(header ?? rows.join('\n')).toMatch(/concurrency$/);
    expect(rows.some((row) => row.endsWith('use --json for the entries themselves'))).toBe(true);
    const { stdout } = await runProduct(query, { cwd: januaryFolder });
    expect(JSON.parse(stdout).length).toBeGreaterThan(0);
  });
});
