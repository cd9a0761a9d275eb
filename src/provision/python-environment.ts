import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The Python packages of an environment, each with its version, in the order of their names. */
export interface PythonEnvironment {
  readonly packages: ReadonlyMap<string, string>;
  /** Of the names and versions of all packages. */
  readonly digest: string;
}

/** What is installed in a virtual environment, by the metadata of its packages; undefined if it is none. */
export async function pythonEnvironment(folder: string): Promise<PythonEnvironment | undefined> {
  const pythons = (await names(join(folder, 'lib'))).filter((name) => /^python3(\.\d+)?$/.test(name));
  if (pythons.length === 0) return undefined;
  const folders = pythons.map((python) => join(folder, 'lib', python, 'site-packages'));
  return environmentWith((await Promise.all(folders.map(names))).flat());
}

/** The environment whose folders of packages have such entries. */
export function environmentWith(entries: readonly string[]): PythonEnvironment {
  const found = entries.flatMap((entry) => {
    const [, name, version] = /^(.+?)-([^-]+)\.dist-info$/.exec(entry) ?? [];
    return name === undefined || version === undefined ? [] : [[normal(name), version] as const];
  });
  const packages = new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const listed = [...packages].map(([name, version]) => `${name}==${version}\n`).join('');
  return { packages, digest: `sha256-${createHash('sha256').update(listed).digest('hex')}` };
}

/** The version of the first of some packages that an environment has. */
export function versionOf(
  environment: PythonEnvironment,
  packages: readonly string[] = [],
): string | undefined {
  return packages.map((name) => environment.packages.get(normal(name))).find((one) => one !== undefined);
}

/** `Foo_Bar`, `foo-bar` and `foo.bar` are one package. */
function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

async function names(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
