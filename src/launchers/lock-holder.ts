import { HostFailure, type Runner } from '../hosts/index.ts';

const answerMs = 5_000;

/** The path of the lock file that a log line says it waits for. */
export function lockIn(line: string): string | undefined {
  if (!/\b(?:wait|acquir|baton)/i.test(line)) return undefined;
  const [path] = line.match(/\/[\w./@+=-]*lock[\w.@+=-]*/i) ?? [];
  return path;
}

/**
 * Describes which process holds a lock file, according to the kernel's list of locks. If none does, a dead process left
 * it behind. Undefined if the file does not exist or the holder is unknown.
 */
export async function lockHolder(
  places: readonly Runner[],
  path: string,
  nowMs: number,
): Promise<string | undefined> {
  for (const place of places) {
    const stat = await printed(place, ['stat', '--format', '%i %Y', '--', path]);
    const [inode, changedS] = stat?.trim().split(' ') ?? [];
    if (inode === undefined || changedS === undefined) continue;
    const locks = await printed(place, ['cat', '/proc/locks']);
    if (locks === undefined) return undefined;
    const pids = holdersOf(inode, locks);
    if (pids.length === 0) {
      const age = Math.max(0, Math.floor((nowMs / 1000 - Number(changedS)) / 60));
      return `no process of its node holds ${path}, which was last changed ${age} min ago: if no process on another machine compiles or downloads there, a dead process left it, and you can delete it`;
    }
    const names = await Promise.all(
      pids.map(async (pid) => {
        const name = pid === '0' ? undefined : await printed(place, ['cat', `/proc/${pid}/comm`]);
        return name === undefined ? 'a process outside its container' : `process ${pid} (${name.trim()})`;
      }),
    );
    return `${path} is held by ${[...new Set(names)].join(' and ')}`;
  }
  return undefined;
}

/**
 * Pids of the processes that hold a lock on a file, from the kernel's list; lines with an arrow are waiting processes.
 */
export function holdersOf(inode: string, locks: string): string[] {
  const pids = locks.split('\n').flatMap((line) => {
    const [, , , , pid, file = ''] = line.split(/\s+/);
    return pid !== undefined && !line.includes('->') && file.split(':').at(-1) === inode ? [pid] : [];
  });
  return [...new Set(pids)];
}

async function printed(place: Runner, argv: readonly string[]): Promise<string | undefined> {
  try {
    const { code, stdout } = await place.run(argv, { timeoutMs: answerMs });
    return code === 0 ? stdout : undefined;
  } catch (error) {
    if (error instanceof HostFailure) return undefined;
    throw error;
  }
}
