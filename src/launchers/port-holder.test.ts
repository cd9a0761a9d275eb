import { expect, test } from 'vitest';
import { listenerOf } from './port-holder.ts';

const at = { host: '127.0.0.1', port: 8888 };
const here = 'listener 0100007F 77 1000';
const engine = 'process 20 10 20 yes vllm\nfolder 20 /session';

/** The result for a machine whose script prints these lines. */
async function said(lines: readonly string[], folders: readonly string[] = ['/session'], on = at) {
  const run = async () => ({ code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' });
  return await listenerOf(on, { token: 't', folders }, { run }).catch((error: Error) => error.message);
}

const foreign = (who: string) =>
  `${who} listens on port 8888 of 127.0.0.1 but is not the engine that was started`;

test.each([
  ['a process with its token', [here, 'looked', 'own 20', 'held 20 77', engine]],
  [
    'a child that has cleared its environment',
    [here, 'looked', 'own 20', 'held 30 77', 'process 30 20 20 no EngineCore', engine],
  ],
  [
    'a process in its process group',
    [here, 'looked', 'own 20', 'held 31 77', 'process 31 1 20 no api_server', 'folder 31 /'],
  ],
  [
    'a process in its folder that hides its environment',
    [here, 'looked', 'own 21', 'held 20 77', 'process 20 10 20 no VLLM::API', 'folder 20 /session'],
  ],
])('%s belongs to the engine', async (_, lines) => {
  expect(await said(lines)).toBe('77');
});

test('another server is named; a process with another engine’s token does not belong, even in the same folder', async () => {
  const own = [here, 'looked', 'own 21'];
  const nginx = ['held 40 77', 'process 40 1 40 no nginx', 'folder 40 /srv'];
  expect(await said([...own, ...nginx])).toBe(foreign('process 40 (nginx)'));
  const old = ['held 40 77', 'process 40 1 40 yes vllm', 'folder 40 /session'];
  expect(await said([...own, ...old])).toBe(foreign('process 40 (vllm)'));
  expect(await said([here, 'looked', 'own 21'])).toBe(foreign('a process of user 1000'));
});

test('one foreign socket of two is enough to fail', async () => {
  const two = [here, 'listener 00000000 78 0', 'looked', 'own 20', 'held 20 77', engine];
  expect(await said(two)).toBe(foreign('a process of user 0'));
  expect(await said([...two, 'held 20 78'])).toBe('77 78');
});

test('hidden processes do not fail an engine', async () => {
  expect(await said([])).toBe(undefined);
  expect(await said(['looked'])).toBe(undefined);
  expect(await said([here, 'looked', 'held 40 77', 'process 40 1 40 no x'], [])).toBe(undefined);
  expect(await said([here, 'looked', 'own 20', 'hidden 22'])).toBe(undefined);
  const closed = ['closed 30', 'process 30 20 20 no worker', 'folder 30 '];
  expect(await said([here, 'looked', 'own 20', ...closed])).toBe(undefined);
  expect(await said([here, 'looked', 'own 21', ...closed])).toBe(foreign('a process of user 1000'));
});

test('only sockets that accept the connections count', async () => {
  const beside = ['listener 0200007F 78 0', here, 'looked', 'own 20', 'held 20 77', engine];
  expect(await said(beside)).toBe('77');
  expect(await said(beside, [], { host: '0.0.0.0', port: 8888 })).toBe(
    'a process of user 0 listens on port 8888 of 0.0.0.0 but is not the engine that was started',
  );
});
