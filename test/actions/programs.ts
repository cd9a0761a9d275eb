import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** A fake `gh` that works on a folder: one release, the jobs of the run, and posted comments. */
const gh = `
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
const state = process.env.GH_STATE;
const release = join(state, 'release');
const [topic, verb, ...rest] = process.argv.slice(2);
const option = (name) => rest[rest.indexOf(name) + 1];
if (topic === 'release') {
  if (verb === 'create') mkdirSync(release);
  if (!existsSync(release)) process.exit(1);
  if (verb === 'view') console.log(readdirSync(release).join('\\n'));
  if (verb === 'upload') cpSync(rest[1], join(release, basename(rest[1])));
  if (verb === 'download') cpSync(join(release, option('--pattern')), join(option('--dir'), option('--pattern')));
  if (verb === 'delete-asset') rmSync(join(release, rest[1]));
} else if (topic === 'api') {
  const path = [verb, ...rest].find((word) => word.startsWith('repos/'));
  console.log(readFileSync(join(state, path + '.json'), 'utf8'));
} else if (topic === 'pr' && verb === 'comment') {
  cpSync(option('--body-file'), join(state, 'comment.md'));
}
`;

/** A fake `npm ci` that links what this checkout has installed. */
const npm = `
import { existsSync, symlinkSync } from 'node:fs';
if (process.argv[2] !== 'ci') throw new Error('only npm ci is known here');
if (!existsSync('node_modules')) symlinkSync(process.env.INSTALLED_MODULES, 'node_modules');
`;

/** Writes fakes of programs that need a network, and a link to Node, into a folder for PATH. */
export async function writePrograms(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await symlink(process.execPath, join(folder, 'node'));
  for (const [name, source] of Object.entries({ gh, npm })) {
    await writeFile(join(folder, `${name}.mjs`), source);
    await writeFile(
      join(folder, name),
      `#!/bin/sh\nexec '${process.execPath}' '${join(folder, name)}.mjs' "$@"\n`,
    );
    await chmod(join(folder, name), 0o755);
  }
}

/** The environment variables that the fakes read. */
export function programsVariables(state: string): Record<string, string> {
  return { GH_STATE: state, INSTALLED_MODULES: join(packageRoot, 'node_modules') };
}
