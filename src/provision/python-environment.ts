import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The Python packages of an environment with their versions, sorted by name. */
export interface PythonEnvironment {
  readonly packages: ReadonlyMap<string, string>;
  /** A digest over the names and versions of all packages. */
  readonly digest: string;
}

/** The packages installed in a virtual environment, from their metadata; undefined if it is not one. */
export async function pythonEnvironment(folder: string): Promise<PythonEnvironment | undefined> {
  const pythons = (await names(join(folder, 'lib'))).filter((name) => /^python3(\.\d+)?$/.test(name));
  if (pythons.length === 0) return undefined;
  const folders = pythons.map((python) => join(folder, 'lib', python, 'site-packages'));
  return environmentWith((await Promise.all(folders.map(names))).flat());
}

/** The environment described by the entries of its package folders. */
export function environmentWith(entries: readonly string[]): PythonEnvironment {
  const found = entries.flatMap((entry) => {
    const [, name, version] = /^(.+?)-([^-]+)\.dist-info$/.exec(entry) ?? [];
    return name === undefined || version === undefined ? [] : [[normal(name), version] as const];
  });
  const packages = new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const listed = [...packages].map(([name, version]) => `${name}==${version}\n`).join('');
  return { packages, digest: `sha256-${createHash('sha256').update(listed).digest('hex')}` };
}

/** The version of the first of these packages that an environment has. */
export function versionOf(
  environment: PythonEnvironment,
  packages: readonly string[] = [],
): string | undefined {
  return packages.map((name) => environment.packages.get(normal(name))).find((one) => one !== undefined);
}

/** `Foo_Bar`, `foo-bar` and `foo.bar` are the same package. */
function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

async function names(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
