// Packs the product, installs the package into an empty folder and runs its bin there, as a user of npm would.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
} finally {
  rmSync(folder, { recursive: true, force: true });
}
