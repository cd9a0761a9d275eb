import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { knowledgeOf } from '../src/app/knowledge.ts';
import { createApp, hostGuard } from '../src/server/index.ts';
import { openStore } from '../src/store/index.ts';
import { modelFolder } from './stand-in/own-gpu.ts';
import { freePort } from './support/free-port.ts';
import { runProduct, tinyConfig } from './support/product.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profiled-'));
  const bin = join(folder, 'venv', 'bin');
  const info = join(folder, 'venv', 'lib', 'python3.12', 'site-packages', 'vllm-0.24.0.dist-info');
  await mkdir(bin, { recursive: true });
  await mkdir(info, { recursive: true });
  await writeFile(join(info, 'METADATA'), 'Name: vllm\nVersion: 0.24.0\n');
  const server = join(import.meta.dirname, 'stand-in', 'vllm-server.js');
  const program = `#!/bin/sh\nexec '${process.execPath}' '${server}' "$@"\n`;
  await writeFile(join(bin, 'vllm'), program, { mode: 0o755 });
  await modelFolder(join(folder, 'model'));
  const changes = { image: `path:${join(folder, 'venv')}`, model: join(folder, 'model'), framework: 'vllm' };
  const shape = { isl: 16, osl: 16, 'search-space': [{ tp: 1, 'conc-list': [3] }] };
  await writeFile(join(folder, 'master.yaml'), tinyConfig({ ...changes, 'seq-len-configs': [shape] }));
  await writeFile(join(folder, 'runners.yaml'), 'cpu:\n  - cpu-local_0\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const outcome = z.object({ directory: z.string(), profiles: z.array(z.string()) });
const rawSchema = z.object({
  num_prompts: z.int(),
  profile_files: z.array(z.string()),
  fidelity: z.object({ verdict: z.string(), reasons: z.array(z.string()) }),
});
const trace = z.object({ traceEvents: z.array(z.object({ name: z.string() })) });

const more = ['--config-keys', 'smollm2-q4-cpu-llamacpp', '--no-evals', '--json'];

test('PROFILE=1 profiles one request per stream; the trace is kept, named, linked and printed', async () => {
  const port = String(await freePort());
  const { code, stdout, stderr } = await runProduct(
    ['run', '--config-files', 'master.yaml', '--runner-config', 'runners.yaml', '--port', port, ...more],
    { cwd: folder, env: { PROFILE: '1' } },
  );
  expect(code, stderr).toBe(0);
  const { directory, profiles } = outcome.parse(JSON.parse(stdout));
  expect(stderr).toContain('ui.perfetto.dev');
  const [rawName = ''] = await readdir(join(directory, 'raw'));
  const raw = rawSchema.parse(JSON.parse(await readFile(join(directory, 'raw', rawName), 'utf8')));
  expect(raw.num_prompts).toBe(3);
  expect(raw.fidelity.verdict).toBe('suspect');
  expect(raw.fidelity.reasons).toContain("the server's profiler was on and slowed it");
  expect(raw.profile_files).toEqual(profiles.map((path) => basename(path)));
  expect(raw.profile_files).toEqual([`profile_${basename(rawName, '.json')}.trace.json.gz`]);
  const { traceEvents } = trace.parse(
    JSON.parse(gunzipSync(await readFile(profiles[0] ?? '')).toString('utf8')),
  );
  expect(traceEvents).toHaveLength(3);

  const store = await openStore(join(folder, '.inferencemax', 'store.sqlite'));
  try {
    const knowledge = await knowledgeOf(store);
    const [point] = (await store.points({}, { limit: 1 })).items;
    const served = (offersTraces: boolean) =>
      createApp({
        knowledge: { ...knowledge, offersTraces },
        files: new Map(),
        allowsHost: hostGuard('127.0.0.1', []),
        readLimit: { burst: 1e9, perSecond: 1e9 },
        writeLimit: { burst: 1, perSecond: 1 },
        onError: (request, error) => {
          throw new Error(`${request}: ${error.stack}`);
        },
      });
    const get = async (offers: boolean, path: string) =>
      await served(offers).request(`/${path}`, { headers: { host: '127.0.0.1' } });
    const filesOf = async (offers: boolean) => {
      const document = z.object({
        profileFiles: z.array(z.object({ name: z.string(), url: z.string().nullable() })),
      });
      return document.parse(await (await get(offers, `data/points/${point?.id}.json`)).json()).profileFiles;
    };
    const [offered] = await filesOf(true);
    expect(offered?.name).toBe(raw.profile_files[0]);
    const downloaded = await get(true, offered?.url ?? '');
    expect(downloaded.headers.get('content-disposition')).toContain('attachment');
    expect(Buffer.from(await downloaded.arrayBuffer())).toEqual(await readFile(profiles[0] ?? ''));
    // Only names that the result has are sent, and nothing at all to other machines.
    expect((await get(true, `api/v1/points/${point?.id}/traces/..%2Fsweep.json`)).status).toBe(404);
    expect(await filesOf(false)).toEqual([{ name: raw.profile_files[0], url: null }]);
    expect((await get(false, offered?.url ?? '')).status).toBe(404);
  } finally {
    await store.close();
  }
});
