import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DockerStandIn } from '../../test/support/docker-stand-in.ts';
import { nodeSettingsSchema } from '../launchers/pool-settings.ts';
import { examineFetched, examineModels } from './reach.ts';

let folder: string;
let hub: Server;
const asked: string[] = [];
const statuses: Readonly<Record<string, number>> = {
  '/org/open/resolve/main/config.json': 200,
  '/org/gated/resolve/main/config.json': 403,
  '/org/busy/resolve/main/config.json': 429,
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reach-'));
  asked.length = 0;
  hub = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    if (request.url?.startsWith('/api/models/org/gguf') === true) {
      response.end(JSON.stringify({ sha: 'a', siblings: [{ rfilename: 'x.gguf' }] }));
      return;
    }
    response.statusCode = statuses[request.url ?? ''] ?? 404;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(hub, 'listening');
  const address = hub.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${address.port}`);
  vi.stubEnv('HF_TOKEN', 'hf_secret');
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
});
afterEach(async () => {
  hub.close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('a model', () => {
  const stateOf = async (model: string) => {
    const [finding] = await examineModels([model]);
    return finding === undefined ? undefined : `${finding.state}: ${finding.message}`;
  };

  test('that the token can access is checked with one request, without a download', async () => {
    const found = await examineModels(['org/open', 'org/open']);
    expect(found).toMatchObject([{ check: 'model', state: 'ok' }]);
    expect(asked).toEqual(['HEAD /org/open/resolve/main/config.json Bearer hf_secret']);
  });

  test('that is gated or missing is a problem, with a hint', async () => {
    expect(await examineModels(['org/gated'])).toMatchObject([
      {
        state: 'problem',
        message: expect.stringContaining('gated'),
        todo: expect.stringContaining('accept'),
      },
    ]);
    expect(await stateOf('org/none')).toMatch(/^problem: .* answers 404/);
  });

  test('on a hub that is rate-limited or unreachable is a warning, not a problem', async () => {
    expect(await stateOf('org/busy')).toMatch(/^warning: .*not known.* answers 429/);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    expect(await stateOf('org/open')).toMatch(/^warning: .*not known.*cannot reach/);
  });

  test('of GGUF files needs no config.json, and a local model needs no request', async () => {
    expect(await stateOf('org/gguf')).toBe('ok: org/gguf can be downloaded');
    asked.length = 0;
    expect(await stateOf('/models/here')).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('an image of a pool whose launcher is docker', () => {
  const images = [
    'registry.example/team/private:1',
    'org/missing:1',
    'org/open:1',
    'org/old-driver:1',
  ] as const;

  test('is checked at its registry or, if it is pulled already, against the driver', async () => {
    const docker = await DockerStandIn.create(join(folder, 'docker'));
    vi.stubEnv('PATH', `${docker.binFolder}${delimiter}${process.env.PATH}`);
    await docker.addImage('org/old-driver:1', ['NVIDIA_REQUIRE_CUDA=cuda>=13.0', 'A="b"']);
    await mkdir(join(folder, 'bin'), { recursive: true });
    await writeFile(
      join(docker.binFolder, 'nvidia-smi'),
      "#!/bin/sh\necho 'Driver Version : 550.54'\necho 'CUDA Version : 12.4'\n",
      { mode: 0o755 },
    );
    const settings = nodeSettingsSchema.parse({ launcher: 'docker', accelerator: 'nvidia' });
    const configs = images.map((image) => ({ image, model: '/models/here' }));
    const found = await examineFetched(configs, settings);
    expect(found.map(({ state, message }) => `${state}: ${message}`)).toEqual([
      expect.stringMatching(/^problem: registry.example.*login.*denied/),
      expect.stringMatching(/^problem: org\/missing:1 cannot be pulled: its registry has no such image/),
      'ok: org/open:1 can be pulled',
      expect.stringMatching(/^problem: .*the driver 550.54 \(CUDA 12.4\) is too old .* cuda>=13.0/),
    ]);
    expect((await docker.calls()).some(({ argv }) => argv[0] === 'pull')).toBe(false);
  });

  test('is not checked with another launcher', async () => {
    const settings = nodeSettingsSchema.parse({ launcher: 'slurm', accelerator: 'nvidia' });
    expect(await examineFetched([{ image: 'org/open:1', model: '/models/here' }], settings)).toEqual([]);
  });
});
