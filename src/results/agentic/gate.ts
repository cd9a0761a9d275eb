import { join } from 'node:path';
import { bytesOfFile } from '../../bounded-read.ts';
import { messageOf } from '../../errors.ts';
import { jsonValue, textOfBytes } from '../json-text.ts';
import { folderWith, isFile, summaryName } from './artifacts.ts';

/** Whether a run answered enough of its requests to be published. */
export interface AgenticVerdict {
  readonly file: string;
  /** Empty if it did. */
  readonly reasons: readonly string[];
  readonly failed: number | null;
  readonly completed: number | null;
}

const longestSummary = 256 * 1024 * 1024;

/** Judges a run by the summary of its load client: completed requests, and the share that failed. */
export async function judgeAgentic(artifactDir: string, mostFailed: number): Promise<AgenticVerdict> {
  const file = join(await folderWith(artifactDir, summaryName), summaryName);
  const unknown = { file, failed: null, completed: null };
  if (!(await isFile(file))) return { ...unknown, reasons: [`${file} does not exist`] };
  try {
    const summary: unknown = jsonValue(file, textOfBytes(file, await bytesOfFile(file, longestSummary)));
    const fields =
      typeof summary === 'object' && summary !== null && !Array.isArray(summary) ? { ...summary } : undefined;
    if (fields === undefined) return { ...unknown, reasons: [`${file} has no JSON object`] };
    const counts = new Map<string, unknown>(Object.entries(fields));
    const succeeded = averageIn(counts, 'request_count');
    if (succeeded === null) return { ...unknown, reasons: [`${file}: request_count.avg is missing`] };
    const failed = averageIn(counts, 'error_request_count') ?? 0;
    const completed = averageIn(counts, 'completed_request_count') ?? succeeded + failed;
    return { file, failed, completed, reasons: reasonsOf({ failed, completed, mostFailed }) };
  } catch (error) {
    return { ...unknown, reasons: [`${file} cannot be used: ${messageOf(error)}`] };
  }
}

function averageIn(summary: ReadonlyMap<string, unknown>, name: string): number | null {
  const metric = summary.get(name) ?? null;
  if (metric === null) return null;
  if (typeof metric !== 'object' || Array.isArray(metric)) throw new Error(`${name} must be an object`);
  const average: unknown = Reflect.get(metric, 'avg') ?? null;
  if (average === null) return null;
  if (typeof average !== 'number') throw new Error(`${name}.avg must be a number`);
  if (!Number.isFinite(average) || average < 0)
    throw new Error(`${name}.avg must be 0 or above, not ${average}`);
  return average;
}

function reasonsOf({
  failed,
  completed,
  mostFailed,
}: {
  readonly failed: number;
  readonly completed: number;
  readonly mostFailed: number;
}): readonly string[] {
  if (completed <= 0) return ['no request was completed'];
  const share = failed / completed;
  if (share <= mostFailed) return [];
  return [
    `${failed} of ${completed} requests failed, ${percent(share)}, above the limit of ${percent(mostFailed)}`,
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
