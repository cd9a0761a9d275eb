import { dirname, join } from 'node:path';
import { openFile } from '../bounded-read.ts';
import type { RunningEngine } from './launcher.ts';

/** What is shown and kept of a log. */
const tailBytes = 4_096;
/** What is read to find why an engine failed: after that line some print tracebacks of many frames for each process. */
const explainedBytes = 256 * 1024;

/** What the processes of an engine that gave no sign were seen to do, beside its log. */
export function stacksFile(logPath: string): string {
  return join(dirname(logPath), 'stacks.txt');
}

/** The last lines of a log, at most 4 KiB of them; empty when there is none, or something else in its place. */
export async function logTail(path: string): Promise<string> {
  return await logEnd(path, tailBytes);
}

/** As much of a log as is read to find out what it says. */
export async function logToExplain(path: string): Promise<string> {
  return await logEnd(path, explainedBytes);
}

/** The ends of all logs of an engine: of the part that ended first, if one is named, then those of the others. */
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
      // One line may be longer than all that is read.
      return (start > 0 && lineStart > 0 && lineStart < text.length ? text.slice(lineStart) : text).trimEnd();
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
