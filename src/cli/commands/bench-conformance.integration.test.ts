import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { said } from '../../../test/support/said.ts';
import { type MockProcess, startMockProcess } from '../../load/mock/process.ts';

let mock: MockProcess;
let folder: string;

beforeAll(async () => {
  mock = await startMockProcess({ ttftMs: 25, itlMs: 1, tokensPerEvent: 1, eventsPerWrite: 1 });
  folder = await mkdtemp(join(tmpdir(), 'bench-conformance-'));
});
afterAll(async () => {
  await mock[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['bin/inferencemax.js', 'bench', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
const conformance = (...args: string[]): ReturnType<typeof bench> =>
  bench('conformance', '--base-url', mock.baseUrl, '--model', 'mock', ...args);

describe('bench conformance', () => {
  it('prints each question with its answer and consequence, and stores them with a result', async () => {
    const file = join(folder, 'conformance.json');
    const asked = await conformance('--only', 'usage', 'end', 'token-id-prompts', '--out', file);
    expect(asked).toMatchObject({ code: 0, stderr: expect.stringContaining(`written: ${file}`) });
    expect(asked.stdout).toMatch(
      /token-id-prompts +Are prompts of token ids accepted.* yes: 37 of 37 +prompts have/,
    );
    const written: unknown = JSON.parse(await readFile(file, 'utf8'));
    expect(written).toMatchObject({
      base_url: mock.baseUrl,
      model: 'mock',
      findings: [{ name: 'end' }, { name: 'usage', grade: 'fine' }, { name: 'token-id-prompts' }],
    });
    const served = await bench(
      'serve',
      '--base-url',
      mock.baseUrl,
      '--model',
      'mock',
      '--num-prompts',
      '2',
      '--conformance',
      file,
      '--random-output-len',
      '4',
      '--save-result',
      '--result-dir',
      folder,
      '--result-filename',
      'r.json',
    );
    expect(served.stderr).toMatch(/written/);
    const result: unknown = JSON.parse(await readFile(join(folder, 'r.json'), 'utf8'));
    expect(result).toMatchObject({ completed: 2, conformance: written });
  });

  it('prints JSON', async () => {
    const { code, stdout } = await conformance('--only', 'end', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [{ name: 'end', grade: 'fine' }] });
  });

  it('fails with exit code 1 if nothing listens', async () => {
    const { code, stderr } = await bench('conformance', '--base-url', 'http://127.0.0.1:1', '--model', 'm');
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot connect to http:\/\/127\.0\.0\.1:1/);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  it.each<[string, () => Promise<string[]>, RegExp]>([
    [
      'an unknown question',
      async () => ['conformance', '--base-url', mock.baseUrl, '--model', 'm', '--only', 'why'],
      /--only why: there is no such question.*the questions are stream, end/s,
    ],
    [
      'a word instead of a URL',
      async () => ['conformance', '--base-url', 'nowhere', '--model', 'm'],
      /--base-url is not a URL/,
    ],
    [
      'a missing file of answers',
      async () => [
        'serve',
        '--base-url',
        mock.baseUrl,
        '--model',
        'm',
        '--conformance',
        join(folder, 'nope.json'),
      ],
      /nope\.json: .*no such file/,
    ],
    [
      'a file with other content',
      async () => {
        const file = join(folder, 'none.json');
        await writeFile(file, '{"findings": 5}');
        return ['serve', '--base-url', mock.baseUrl, '--model', 'm', '--conformance', file];
      },
      /none\.json: not a file of conformance answers: asked_at/,
    ],
  ])('rejects %s with exit code 2', async (_, args, message) => {
    const { code, stderr } = await said('bench', ...(await args()));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
