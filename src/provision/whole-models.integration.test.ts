import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { modelFolder } from '../../test/stand-in/own-gpu.ts';
import { modelFault, modelShapeHere, provisionModel } from './index.ts';
import type { ProvisionContext } from './provision.ts';

let folder: string;
let model: string;
let context: ProvisionContext;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whole-models-'));
  model = join(folder, 'Llama');
  await modelFolder(model);
  context = {
    cacheDir: join(folder, 'cache'),
    signal: new AbortController().signal,
    onProgress: () => {},
  };
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const asFolder = { asFolder: true };
const write = async (name: string, text: string) => await writeFile(join(model, name), text);
const remove = async (name: string) => await rm(join(model, name));

describe('a model folder', () => {
  test('is used in place, and its digest covers the content of small files and the sizes of the others', async () => {
    const first = await provisionModel(model, context, asFolder);
    expect(first).toMatchObject({ path: model, reference: model });
    expect(await provisionModel(model, context, asFolder)).toEqual(first);
    await write('tokenizer.json', '{"other":1}');
    expect((await provisionModel(model, context, asFolder)).sha256).not.toBe(first.sha256);
  });

  test('has a checksum over every byte on request, equal to that of sha256sum', async () => {
    const hashed = async () =>
      (await provisionModel(model, { ...context, hashWeights: true }, asFolder)).contentSha256;
    const sums = execFileSync('sh', ['-c', 'LC_ALL=C; export LC_ALL; sha256sum * | sha256sum'], {
      cwd: model,
    });
    const before = await hashed();
    expect(sums.toString('utf8')).toBe(`${before}  -\n`);
    expect(await hashed()).toBe(before);
    // The same size, but a different time.
    const weights = join(model, 'model-00001-of-00002.safetensors');
    const content = await readFile(weights);
    content.writeUInt8(content.readUInt8(content.length - 1) ^ 1, content.length - 1);
    await writeFile(weights, content);
    await utimes(weights, new Date(), new Date(Date.now() + 60_000));
    expect(await hashed()).not.toBe(before);
    expect(await provisionModel(model, context, asFolder)).not.toHaveProperty('contentSha256');
  });

  test('has the facts that flags derive from', async () => {
    expect(await modelShapeHere(model, asFolder)).toMatchObject({
      contextTokens: 8192,
      attentionHeads: 32,
      kvHeads: 8,
      dtype: 'bfloat16',
      hasOwnCode: false,
      weightBytes: 4000,
      kvBytesPerToken: 32 * 8 * 128 * 2 * 2,
    });
    const { weightBytes = 0 } = (await modelShapeHere(model, { asFolder: true, dummy: true })) ?? {};
    // 8.03 billion parameters of two bytes each.
    expect(weightBytes / 1e9).toBeCloseTo(16.06, 1);
  });

  test.each<readonly [string, () => Promise<void>, string]>([
    ['its config', async () => await remove('config.json'), 'it has no config.json'],
    ['a readable config', async () => await write('config.json', '{'), 'its config.json cannot be read'],
    ['a tokenizer', async () => await remove('tokenizer.json'), 'it has no tokenizer (tokenizer.json)'],
    [
      'one of its weight files',
      async () => await remove('model-00002-of-00002.safetensors'),
      '1 of the 2 files of weights in model.safetensors.index.json are missing: model-00002-of-00002.safetensors',
    ],
    [
      'downloaded Git LFS files',
      async () =>
        await write('model-00001-of-00002.safetensors', 'version https://git-lfs.github.com/spec/v1\n'),
      'model-00001-of-00002.safetensors is a Git LFS pointer, not the weights',
    ],
    ['an index', async () => await write('model.safetensors.index.json', '[]'), 'is not an index of weights'],
  ])('without %s is rejected with that reason', async (_, spoil, message) => {
    await spoil();
    expect((await modelFault(model, asFolder))?.message).toContain(message);
    await expect(provisionModel(model, context, asFolder)).rejects.toThrow(message);
  });

  test('needs no weights if the engine uses dummy weights', async () => {
    await remove('model-00001-of-00002.safetensors');
    expect(await modelFault(model, asFolder)).toBeDefined();
    expect(await modelFault(model, { asFolder: true, dummy: true })).toBeUndefined();
  });

  test('is rejected for an engine that reads one file, with the file in it as a suggestion', async () => {
    await write('a.Q4_K_M.gguf', 'x');
    expect(await modelFault(model)).toMatchObject({
      message: expect.stringContaining('is a folder, and this engine reads one file of weights'),
      hint: `name the file: ${join(model, 'a.Q4_K_M.gguf')}`,
    });
  });
});

const sha = 'c0ffee'.padEnd(40, '0');

/** A fake hub with the model as `org/llama`; records its requests. Other repositories are gated or missing. */
async function withHub(use: (asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const names = ['config.json', 'tokenizer.json', 'model.safetensors', 'model.bin', '.gitattributes'];
  await write('model.safetensors', 'x'.repeat(3000));
  const hub = createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(url);
    if (/^\/api\/models\/org\/llama(?:\/revision\/v1)?\?blobs=true$/.test(url))
      response.end(JSON.stringify({ sha, siblings: names.map((rfilename) => ({ rfilename })) }));
    else if (url.startsWith(`/org/llama/resolve/${sha}/`))
      void readFile(join(model, url.split('/').at(-1) ?? '')).then((content) => response.end(content));
    else response.writeHead(url.includes('gated') ? 401 : 404).end();
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const address = hub.address();
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  try {
    await use(asked);
  } finally {
    hub.closeAllConnections();
    hub.close();
  }
}

describe('a repository of the hub', () => {
  test('is downloaded once, at one commit, without files that no engine reads', async () => {
    await withHub(async (asked) => {
      const fetched = await provisionModel('org/llama@v1', context, asFolder);
      expect(fetched).toMatchObject({ revision: sha, reference: 'org/llama@v1' });
      expect(asked.map((url) => url.split('/').at(-1)).slice(1)).toEqual([
        'config.json',
        'tokenizer.json',
        'model.safetensors',
      ]);
      expect(await provisionModel('org/llama@v1', context, asFolder)).toEqual(fetched);
      expect(asked).toHaveLength(5);
    });
  });

  test('downloaded by the hub’s own tools is used in place, without a network', async () => {
    const hub = join(folder, 'hub', 'models--org--llama');
    await modelFolder(join(hub, 'snapshots', sha));
    await mkdir(join(hub, 'refs'));
    await writeFile(join(hub, 'refs', 'main'), sha);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    const path = join(hub, 'snapshots', sha);
    expect(await provisionModel('org/llama', context, asFolder)).toMatchObject({ path, revision: sha });
    expect(await provisionModel(`org/llama@${sha}`, context, asFolder)).toMatchObject({ path });
    await expect(provisionModel('org/other', context, asFolder)).rejects.toThrow(
      'cannot reach the Hugging Face hub',
    );
  });

  test('that is gated or missing is one error with a fix', async () => {
    await withHub(async () => {
      await expect(provisionModel('org/gated', context, asFolder)).rejects.toThrow(
        /org\/gated is gated, or does not exist \(.*set HF_TOKEN\)/,
      );
      vi.stubEnv('HF_TOKEN', 'hf_token');
      await expect(provisionModel('org/gated', context, asFolder)).rejects.toThrow(
        /org\/gated is gated, and HF_TOKEN has no access to it \(accept its terms/,
      );
      await expect(provisionModel('org/none', context, asFolder)).rejects.toThrow('answers 404');
    });
  });
});
