import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const shell = ['sh', 'ls', 'grep', 'tr', 'id', 'readlink', 'sleep'];

/** What a root file system has besides Node and a shell. */
export interface RootContents {
  /** Programs that containers mount, whose libraries are copied. */
  readonly librariesOf?: readonly string[];
  /** Scripts by their paths in the container. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** Writes a tar archive of a root file system: Node and a shell with their libraries, and what the test adds. */
export async function containerRoot(
  archive: string,
  { librariesOf = [], programs = {} }: RootContents = {},
): Promise<void> {
  const tree = `${archive}.tree`;
  const copies = new Map([
    [process.execPath, '/bin/node'],
    ...shell.map((name) => [realpathSync(`/usr/bin/${name}`), `/bin/${name}`] as const),
  ]);
  const linked = execFileSync('ldd', [...copies.keys(), ...librariesOf], { encoding: 'utf8' });
  for (const path of linked.match(/\/\S+(?= \(0x)/g) ?? []) copies.set(path, path);
  for (const [from, to] of copies) {
    await mkdir(dirname(join(tree, to)), { recursive: true });
    await copyFile(from, join(tree, to));
  }
  await mkdir(join(tree, 'tmp'));
  for (const [path, text] of Object.entries(programs)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
    await chmod(join(tree, path), 0o755);
  }
  execFileSync('tar', ['-C', tree, '-cf', archive, '.']);
  await rm(tree, { recursive: true });
}
