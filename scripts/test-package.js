// Packs the package, installs it into an empty folder, and uses it there like an npm user: its bin, its types, and a
// sample against the mock engine.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const folder = mkdtempSync(join(tmpdir(), 'inferencemax-package-'));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  run('npm', ['pack', '--loglevel=error', '--pack-destination', folder], process.cwd());
  const [archive] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  run('npm', ['init', '-y'], folder);
  run('npm', ['install', '--loglevel=error', '--no-progress', archive], folder);
  const bin = join(folder, 'node_modules', '.bin', 'inferencemax');
  const help = run(process.execPath, [bin, '--help'], folder);
  const plan = JSON.parse(
    run(process.execPath, [bin, 'plan', '--config-keys', 'smollm2-q4-cpu-llamacpp', '--json'], folder),
  );
  if (!help.includes('quickstart')) throw new Error(`the packed --help names no quickstart:\n${help}`);
  if (plan.sessions.length !== 1)
    throw new Error(`the packed plan has ${plan.sessions.length} sessions, not 1`);
  process.stdout.write(`${archive}: --help and plan work from compiled JavaScript\n`);

  const { messages, pkg } = await publint({ pkgDir: process.cwd(), strict: true });
  if (messages.length > 0)
    throw new Error(messages.map((message) => formatMessage(message, pkg, { color: false })).join('\n'));

  // Checks that a user's program can resolve the types and compiles.
  cpSync('samples', join(folder, 'samples'), { recursive: true });
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    types: ['node'],
  };
  const typeRoots = [join(process.cwd(), 'node_modules', '@types')];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, typeRoots }, include: ['samples'] }),
  );
  run(join('node_modules', '.bin', 'tsc'), ['-p', folder], process.cwd());

  const installed = join(folder, 'node_modules', 'inferencemax', 'dist', 'src', 'load', 'mock', 'process.js');
  const { startMockProcess } = await import(pathToFileURL(installed).href);
  await using mock = await startMockProcess({ ttftMs: 2, itlMs: 1, tokensPerEvent: 1, eventsPerWrite: 1 });
  const result = run(process.execPath, ['samples/measure-a-server.ts', mock.baseUrl, 'mock'], folder);
  if (!/Successful requests:? +32\b/.test(result)) throw new Error(`the sample measured:\n${result}`);
  process.stdout.write(`${archive}: its types fit, and a sample measures a server\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
