import { HostFailure, type Runner } from '../hosts/index.ts';

const answerMs = 5_000;

/** The file of a lock that a line of a log waits for. */
export function lockIn(line: string): string | undefined {
  if (!/\b(?:wait|acquir|baton)/i.test(line)) return undefined;
  const [path] = line.match(/\/[\w./@+=-]*lock[\w.@+=-]*/i) ?? [];
  return path;
}

/**
 * Who holds a lock file, in words: a process by the kernel's list of locks, or nobody, so that a dead process has left
 * it. Undefined where the file is not, or nobody can tell.
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
      return `no process of its node holds ${path}, which was last changed ${age} min ago: if nobody compiles or downloads elsewhere, a dead process left it, and it can be deleted`;
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

/** Numbers of the processes that hold a lock on a file, by the kernel's list; those that wait for it have an arrow. */
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
