import { dirname, join } from 'node:path';
import { openFile } from '../bounded-read.ts';
import type { RunningEngine } from './launcher.ts';

/** How much of a log is shown and stored. */
const tailBytes = 4_096;
/**
 * How much of a log is searched for the cause of a failure. Some engines print long tracebacks per process after that
 * line.
 */
const explainedBytes = 256 * 1024;

/** The file next to an engine's log that has the stacks of its processes, taken when the engine stopped responding. */
export function stacksFile(logPath: string): string {
  return join(dirname(logPath), 'stacks.txt');
}

/** The last lines of a log, at most 4 KiB; empty if there is no such file, or it is not a file. */
export async function logTail(path: string): Promise<string> {
  return await logEnd(path, tailBytes);
}

/** The part of a log that is searched for the cause of a failure. */
export async function logToExplain(path: string): Promise<string> {
  return await logEnd(path, explainedBytes);
}

/** The ends of all logs of an engine: first the step that ended first, if one is named, then the others. */
export async function engineLogs(
  { logPath, stepLogs = [] }: Pick<RunningEngine, 'logPath' | 'stepLogs'>,
  first?: string,
): Promise<string[]> {
  const paths = new Set([
    ...(first === undefined ? [] : [first]),
    ...stepLogs.map((step) => step.path),
    logPath,
  ]);
  const logs = await Promise.all([...paths].map(logToExplain));
  return logs.filter((log) => log !== '');
}

async function logEnd(path: string, bytes: number): Promise<string> {
  try {
    const handle = await openFile(path, { followLinks: false });
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - bytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(bytes, size)), 0, null, start);
      const text = buffer.toString('utf8', 0, bytesRead);
      const lineStart = text.indexOf('\n') + 1;
      // A single line may be longer than the part that was read.
      return (start > 0 && lineStart > 0 && lineStart < text.length ? text.slice(lineStart) : text).trimEnd();
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
