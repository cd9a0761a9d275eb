import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type OwnGpu, ownGpu } from './stand-in/own-gpu.ts';
import { hasBrowser, openBrowser } from './support/browser.ts';
import { freePort } from './support/free-port.ts';
import { runProduct, TestProduct } from './support/product.ts';
import { rawResults, sweepOutcome } from './support/raw-results.ts';

/** A user's machine: vLLM in `~/venv`, weights in `~/models`, the driver's tools, and no network. */
let home: string;
let own: OwnGpu;
let cwd: string;
let env: Record<string, string>;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'own-commands-'));
  own = await ownGpu(home);
  cwd = join(home, 'work');
  await mkdir(cwd);
  // Nothing listens there, as if there were no network.
  const hub = `http://127.0.0.1:${await freePort()}`;
  env = { HOME: home, PATH: `${own.tools}:${process.env.PATH}`, HF_ENDPOINT: hub };
});
afterEach(() => rm(home, { recursive: true, force: true }));

const product = async (...args: string[]) => await runProduct(args, { cwd, env });

test('following the printed commands from init to run to serve gives a chart without editing a file', async () => {
  const first = await product('init');
  expect(first.code, first.stderr).toBe(0);
  const [runs = '', serves = ''] = first.stdout.split('Next:\n')[1]?.split('\n') ?? [];
  const words = (line: string) => line.trim().split(' ').slice(1);
  expect(words(serves)).toEqual(['serve']);

  const second = await product(...words(runs), '--port', String(await freePort()), '--json');
  expect(second.code, second.stderr).toBe(0);
  const { rows, directory } = sweepOutcome.parse(JSON.parse(second.stdout));
  expect(rows.map((row) => Number(row.conc)).toSorted((a, b) => a - b)).toEqual([1, 4, 16, 64]);
  for (const { provenance } of await rawResults(directory))
    expect(provenance).toMatchObject({
      image: { reference: `path:${own.venv}`, version: '0.24.0' },
      model: { reference: own.model },
      engine_version: '0.24.0',
      listener: 'proven',
    });

  const third = new TestProduct([...words(serves), '--port', '0', '--json'], { cwd, env });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      third.child.stdout?.on('data', () =>
        resolve(z.object({ url: z.string() }).parse(JSON.parse(third.stdout)).url),
      );
      void third.exited.then(() => reject(new Error(third.stderr)));
    });
    if (hasBrowser) await expectChart(url);
  } finally {
    third.child.kill('SIGTERM');
  }
  expect(await third.exited).toBe(0);
});

/** The measured points form one frontier, and all are in the table. */
async function expectChart(url: string): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${url}#/explore`);
    await page.locator('[data-frontier]').first().waitFor();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page.locator('tr[data-row]').first().waitFor();
    expect(await page.locator('tr[data-row]').count()).toBe(4);
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
}

describe('quickstart --gpu without a network', () => {
  const quickstart = async (...more: string[]) => {
    const port = String(await freePort());
    return await product('quickstart', '--gpu', '--no-evals', '--no-open', '--port', port, ...more);
  };

  test('measures with the installed engine and weights, and measures again on request', async () => {
    const found = await quickstart('--json');
    expect(found.code, found.stderr).toBe(0);
    expect(sweepOutcome.parse(JSON.parse(found.stdout)).rows.map((row) => row.hw)).toEqual(
      Array.from({ length: 4 }, () => expect.stringMatching(/^h100-/)),
    );
    const args = ['quickstart', '--gpu', '--no-open', '--port', String(await freePort()), '--json'];
    const again = new TestProduct(args, { cwd, env });
    expect(await again.event(({ type }) => type === 'sweep-started')).toMatchObject({ pointsLeft: 4 });
    again.child.kill('SIGINT');
    expect(await again.exited).toBe(130);
  });

  test('reports everything that is missing at once, and writes nothing', async () => {
    for (const name of ['venv', 'models', 'tools']) await rename(join(home, name), join(home, `no-${name}`));
    const { code, stderr } = await quickstart();
    expect(code).toBe(2);
    expect(stderr.split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(/^error: no GPU was found on this machine \(.*driver's tool/),
      expect.stringMatching(/^error: no engine was found on this machine.*--engine/),
      expect.stringMatching(/^error: no weights were found on this machine.*--model/),
    ]);
    expect(await readdir(cwd)).toEqual([]);
  });

  test('reports that weights cannot be downloaded from the hub, then accepts a folder', async () => {
    await rename(join(home, 'models'), join(home, 'elsewhere'));
    const none = await quickstart();
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('no weights were found on this machine that this engine can read'),
    ]);
    const hub = await quickstart('--model', 'org/model');
    expect([hub.code, hub.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot reach the Hugging Face hub.*without a network, use a folder of weights/),
    ]);
    expect(await readdir(cwd)).toEqual([]);
    const local = await quickstart('--model', join(home, 'elsewhere', 'Llama-8B'), '--json');
    expect(local.code, local.stderr).toBe(0);
    const other = await quickstart('--dummy', '--model', join(home, 'elsewhere'));
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('.github/configs/own-master.yaml');
    expect(other.stderr).toContain('init --force');
  });

  test('measures on AMD, too', async () => {
    await rm(join(own.tools, 'nvidia-smi'));
    const testdata = join(import.meta.dirname, '..', 'src', 'accelerators', 'testdata');
    const tool = join(own.tools, 'amd-smi');
    await writeFile(
      tool,
      `#!/bin/sh\n[ "$1" = process ] && exec cat ${testdata}/amd-smi-no-process.json\ncat ${testdata}/amd-smi-$1.json\n`,
    );
    await chmod(tool, 0o755);
    const { code, stdout, stderr } = await product('init', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).proposal.pool).toMatch(/^mi300x-/);
  });
});
