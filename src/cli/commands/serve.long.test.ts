import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runProduct, TestProduct } from '../../../test/support/product.ts';
import { ServedStore } from '../../../test/support/served-store.ts';
import { zip } from '../../../test/support/zip.ts';

let served: ServedStore;
beforeAll(async () => {
  served = await ServedStore.create();
});
afterAll(() => served.remove());

const state = () => ['--state-dir', served.folder];

async function started(args: readonly string[] = []): Promise<{ product: TestProduct; url: string }> {
  const product = new TestProduct(['serve', '--port', '0', '--json', ...state(), ...args], {
    cwd: served.folder,
  });
  const url = await new Promise<string>((resolve, reject) => {
    product.child.stdout?.on('data', () =>
      resolve(z.object({ url: z.string() }).parse(JSON.parse(product.stdout)).url),
    );
    void product.exited.then(() => reject(new Error(product.stderr)));
  });
  return { product, url };
}

describe('inferencemax serve', () => {
  test('serves the page, its documents and the API until it is stopped', async () => {
    const { product, url } = await started();
    try {
      const page = await fetch(url);
      const script = /src="\.\/(assets\/[^"]+)"/.exec(await page.text())?.[1] ?? '';
      const asset = await fetch(new URL(script, url));
      expect([page.status, asset.status]).toEqual([200, 200]);
      expect(asset.headers.get('cache-control')).toContain('immutable');
      expect(await (await fetch(new URL('data/index.json', url))).json()).toMatchObject({
        counts: { points: 9, runs: 4 },
      });
      expect((await fetch(new URL('api/v1/points?limit=1', url))).status).toBe(200);
      expect((await fetch(new URL('../../../package.json', url))).status).toBe(404);
      // A browser would never send this path.
      expect(
        await raw(url, 'GET /../../package.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
      ).toMatch(/^HTTP\/1\.1 (400|404) /);
    } finally {
      product.child.kill('SIGTERM');
    }
    expect(await product.exited).toBe(0);
    expect(product.stderr.replace('building the dashboard (first start only)\n', '')).toBe('');
  });

  test('a token permits uploading a run until it is revoked', async () => {
    const made = await runProduct(['serve', 'token', 'create', 'ci', '--days', '1', '--json', ...state()], {
      cwd: served.folder,
    });
    const { token } = z.object({ token: z.string() }).parse(JSON.parse(made.stdout));
    const { product, url } = await started();
    const row = served.store.latestPoints({ hw: 'h200' }).then((points) => points[0]?.row);
    const body = zip([
      { name: 'agg_new.json', content: JSON.stringify({ ...(await row), conc: 512, tput_per_gpu: 1 }) },
    ]);
    const upload = async () =>
      await fetch(new URL('api/v1/ingest', url), {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { 'content-type': 'application/zip', authorization: `Bearer ${token}` },
      });
    try {
      expect(await (await upload()).json()).toMatchObject({ added: 1 });
      expect(await (await upload()).json()).toMatchObject({ added: 0, unchanged: 1 });
      const points = await fetch(new URL('api/v1/points?conc=512', url));
      expect(await points.json()).toMatchObject({ points: [{ conc: 512, verdict: 'unchecked' }] });
      const listed = await runProduct(['serve', 'token', 'list', '--json', ...state()], {
        cwd: served.folder,
      });
      expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'ci' }]);
      expect(listed.stdout + (await readFile(join(served.folder, 'tokens.json'), 'utf8'))).not.toContain(
        token,
      );
      await runProduct(['serve', 'token', 'revoke', 'ci', ...state()], { cwd: served.folder });
      expect((await upload()).status).toBe(401);
    } finally {
      product.child.kill('SIGTERM');
      await product.exited;
    }
  });

  test('is not reachable from other machines by default', async () => {
    const refused = await runProduct(['serve', '--host', '0.0.0.0', ...state()], { cwd: served.folder });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--allow-remote');
    const { product } = await started(['--host', '0.0.0.0', '--allow-remote']);
    product.child.kill('SIGTERM');
    expect(await product.exited).toBe(0);
  });

  test('reports an address that it cannot listen on, and a missing store', async () => {
    const { product, url } = await started();
    try {
      const taken = await runProduct(['serve', '--port', new URL(url).port, ...state()], {
        cwd: served.folder,
      });
      expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining('is in use')]);
    } finally {
      product.child.kill('SIGTERM');
      await product.exited;
    }
    const none = await runProduct(['serve', '--state-dir', 'nowhere'], { cwd: served.folder });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is no store')]);
  });
});

describe('inferencemax publish', () => {
  test('writes a site that a static file server can serve under any path', async () => {
    await writeFile(join(served.folder, 'x'), '');
    const { code, stdout, stderr } = await runProduct(['publish', 'site', '--json', ...state()], {
      cwd: served.folder,
    });
    expect(code, stderr).toBe(0);
    const { written } = z.object({ written: z.int() }).parse(JSON.parse(stdout));
    expect(written).toBeGreaterThan(15);
    const page = await readFile(join(served.folder, 'site', 'index.html'), 'utf8');
    expect([...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\.\/assets\//)]),
    );
    expect(page).not.toMatch(/(?:src|href)="\//);
  });
});

/** The server's answer to bytes that no client library would send. */
async function raw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(request));
    let text = '';
    socket.setEncoding('utf8').on('data', (more) => {
      text += more;
    });
    socket.once('close', () => resolve(text)).once('error', reject);
  });
}
