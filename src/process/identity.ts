import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process, identified so that a later one with the same PID is not mistaken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in the system's own format; only compared for equality. */
  readonly startedAt: string;
}

/** The identity of a live process; undefined if there is none (or only a zombie). */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await linuxStart(pid) : await portableStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.pid))?.startedAt === identity.startedAt;
}

/**
 * PIDs of processes whose environment contains `name=value`; finds processes that outlived the recorded process that
 * started them. Linux only.
 */
export async function pidsWithEnvironment(name: string, value: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const wanted = `${name}=${value}`;
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(wanted) && (await identityOf(pid)) !== undefined ? [pid] : [];
    }),
  );
  return found.flat();
}

/** PIDs of other processes that have a file open for writing. Linux only. */
export async function pidsThatWrite(path: string): Promise<number[]> {
  const target = await realpath(path).catch(() => undefined);
  if (process.platform !== 'linux' || target === undefined) return [];
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => (pid !== process.pid && (await writes(pid, target)) ? [pid] : [])),
  );
  return found.flat();
}

async function writes(pid: number, target: string): Promise<boolean> {
  for (const file of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    if ((await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')) !== target) continue;
    const info = await readFile(`/proc/${pid}/fdinfo/${file}`, 'latin1').catch(() => '');
    const flags = Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? '0', 8);
    if ((flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0) return true;
  }
  return false;
}

/** Field 22 of /proc/PID/stat (clock ticks since boot) with the boot id; proc(5). */
async function linuxStart(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined),
    readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => ''),
  ]);
  // The second field is the program's name in parentheses, which may contain spaces, so count from its end.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields?.[0], fields?.[19]];
  return state === undefined || state === 'Z' || ticks === undefined ? undefined : `${boot.trim()}/${ticks}`;
}

async function portableStart(pid: number): Promise<string | undefined> {
  const listed = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  const started = listed?.stdout.trim();
  return started === undefined || started === '' ? undefined : started;
}
