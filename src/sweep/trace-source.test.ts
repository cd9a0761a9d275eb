import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LoadError, loadAgentic } from '../load/index.ts';
import { traceSource } from './trace-source.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const id = 'semianalysisai/cc-traces-weka-062126';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trace-source-'));
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
  // Nothing may be downloaded.
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const context = () => ({
  cacheDir: join(folder, 'cache'),
  signal: new AbortController().signal,
  onProgress: () => {},
});

test('a data set in the cache of the hub is used without a network, by its revision', async () => {
  const { synthesizeTraces, synthesisDefaults, readCorpus } = await loadAgentic();
  const repository = join(folder, 'hub', `datasets--${id.replace('/', '--')}`);
  const snapshot = join(repository, 'snapshots', commit);
  await mkdir(snapshot, { recursive: true });
  await mkdir(join(repository, 'refs'));
  await writeFile(join(repository, 'refs', 'main'), commit);
  const traces = synthesizeTraces({ ...synthesisDefaults, traces: 3, turns: 3, contextTokens: 2048 });
  await writeFile(join(snapshot, 'traces.jsonl'), traces.map((one) => `${JSON.stringify(one)}\n`).join(''));
  for (const source of [{ kind: 'hub', id } as const, { kind: 'hub', id, revision: commit } as const]) {
    const found = await traceSource(source, undefined, context());
    expect(found).toEqual({ kind: 'hub', id, revision: commit, files: [join(snapshot, 'traces.jsonl')] });
    const { corpus, trees } = await readCorpus(found, ['served']);
    expect([corpus, trees.length]).toEqual([{ name: `${id}@${commit}`, id, isPart: false }, 3]);
    expect((await readCorpus(found, ['served'], { traces: 2 })).corpus.isPart).toBe(true);
  }
});

test('a file that does not exist is unreadable, and one with another digest is refused', async () => {
  const path = join(folder, 'traces.jsonl');
  const missing = traceSource({ kind: 'file', path }, undefined, context());
  await expect(missing).rejects.toMatchObject({ errorClass: 'file-unreadable' });
  await writeFile(path, '{}\n');
  const other = traceSource({ kind: 'file', path, sha256: '0'.repeat(64) }, undefined, context());
  await expect(other).rejects.toThrow(LoadError);
  await expect(other).rejects.toMatchObject({ errorClass: 'bad-test' });
});
