import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isOwnerAlive, keepTouching, ownedName, ownerOf } from './owner.ts';

/**
 * Calls `use` with a unique path next to `path` for a file in progress. Afterwards, removes everything with that name
 * or prefix, and what killed processes left for the same path.
 */
export async function withTemporary<T>(path: string, use: (temporary: string) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  await mkdir(folder, { recursive: true });
  await removeLeftByDead(folder, (name) => {
    return name.startsWith(prefix) ? name.slice(prefix.length).split('.tmp', 1)[0] : undefined;
  });
  const temporary = join(folder, `${prefix}${await ownedName()}.tmp`);
  const stop = keepTouching(temporary);
  try {
    return await use(temporary);
  } finally {
    stop();
    for (const name of await readdir(folder)) {
      if (name.startsWith(basename(temporary)))
        await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Removes what dead processes left in a folder; `ownerPart` extracts the owner from a name. */
export async function removeLeftByDead(
  folder: string,
  ownerPart: (name: string) => string | undefined,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = ownerOf(ownerPart(name) ?? '');
    const left = join(folder, name);
    if (owner !== undefined && !(await isOwnerAlive(owner, async () => await untouchedMs(left))))
      await rm(left, { recursive: true, force: true });
  }
}

/** Milliseconds since a file or folder was last touched; 0 if it no longer exists. */
export async function untouchedMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}
