import { open, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WorkError } from '../../errors.ts';

/** The files that a run of the load client leaves in its result folder. */
export interface AgenticArtifacts {
  /** One line per request. */
  readonly records: string;
  readonly summary: string;
  readonly serverMetrics: string;
}

export const recordsName = 'profile_export.jsonl';
export const summaryName = 'profile_export_aiperf.json';

/** The exports in a result folder. Throws WorkError if there are none. */
export async function artifactsIn(resultDir: string): Promise<AgenticArtifacts> {
  const folder = await folderWith(join(resultDir, 'aiperf_artifacts'), recordsName);
  const records = join(folder, recordsName);
  if (!(await isFile(records))) {
    throw new WorkError(`${records} does not exist`, {
      code: 'not-a-result',
      hint: 'RESULT_DIR is the folder that has aiperf_artifacts/',
    });
  }
  return {
    records,
    summary: join(folder, summaryName),
    serverMetrics: join(folder, 'server_metrics_export.json'),
  };
}

/** The folder itself if it has a file, else the first folder in it that has one. */
export async function folderWith(folder: string, name: string): Promise<string> {
  if (await isFile(join(folder, name))) return folder;
  const inside = await readdir(folder).catch((): string[] => []);
  for (const child of inside.toSorted()) {
    if (await isFile(join(folder, child, name))) return join(folder, child);
  }
  return folder;
}

export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}

const logName = /^watchtower-.*\.out$/;
const foldersAbove = 3;
const mostLogBytes = 64 * 1024 * 1024;

/** The texts of a run's server logs: its own, and those of job steps in the folder and the three above it. */
export async function serverLogs(resultDir: string): Promise<readonly string[]> {
  const files = [join(resultDir, 'server.log')];
  let folder = resultDir;
  for (let above = 0; above <= foldersAbove; above++) {
    const names = await readdir(folder).catch((): string[] => []);
    files.push(
      ...names
        .filter((name) => logName.test(name))
        .toSorted()
        .map((name) => join(folder, name)),
    );
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  const texts = new Map<string, string>();
  for (const file of files) {
    const real = await realpath(file).catch(() => undefined);
    if (real !== undefined && !texts.has(real) && (await isFile(real)))
      texts.set(real, await headOfLog(real));
  }
  return [...texts.values()];
}

/** The beginning of a log, which has the sizes of caches. */
export async function headOfLog(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(Math.min(size, mostLogBytes)) });
    return buffer.toString('utf8', 0, bytesRead).replaceAll('\0', '');
  } finally {
    await handle.close();
  }
}
