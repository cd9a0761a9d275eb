import { writeFileAtomically } from '../atomic-file.ts';
import { messageOf } from '../errors.ts';
import { rowIdentity } from '../identity/index.ts';
import type { RawResult } from '../load/index.ts';
import { aggregateRow } from '../results/index.ts';
import { isDiskFull, writeWhenThereIsRoom } from './disk-full.ts';
import type { Failure } from './failure.ts';
import type { RunDirectory } from './run-directory.ts';
import type { WorkItem } from './session-work.ts';

/** What is told of a finished point; everything else is in its files. */
export interface PointFigures {
  readonly verdict: string;
  /** Tokens per second. */
  readonly outputThroughput: number;
  readonly medianTtftMs: number;
  readonly medianTpotMs: number;
  /** Of the published row: tokens per second and GPU, tokens per second and user, seconds. */
  readonly tputPerGpu: number;
  readonly interactivity: number;
  readonly e2elS: number;
}

/** A measured and written point, or why it is neither. */
export type Written =
  | { readonly state: 'finished'; readonly figures: PointFigures }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface WriteContext {
  readonly directory: RunDirectory;
  readonly resultFilename: string;
  /** Facts about the sweep and the place, kept in the raw result beside the measurement. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** What was sampled while it was measured. */
  readonly samples?: Readonly<Record<string, unknown>>;
  /** How long somebody may take to make room on a full disk, seconds. */
  readonly diskDeadlineS: number;
  readonly onWait: () => void;
  readonly signal: AbortSignal;
}

/**
 * Writes a measurement's raw result and its aggregate row, in that order, before either is reported. A measurement
 * that is not valid is kept as a raw result and never becomes a row. A disk that stays full is a failed outcome.
 */
export async function writeResult(item: WorkItem, raw: RawResult, context: WriteContext): Promise<Written> {
  const { directory, resultFilename, provenance } = context;
  const { verdict, reasons } = raw.fidelity;
  const row = verdict === 'invalid' ? undefined : aggregateRow(raw, rowIdentity(item.point));
  const write = async (): Promise<void> => {
    await writeJson(directory.rawResult(resultFilename), { ...raw, ...context.samples, provenance });
    if (row !== undefined) await writeJson(directory.aggregateRow(resultFilename), row);
  };
  try {
    await writeWhenThereIsRoom(write, { ...context, deadlineS: context.diskDeadlineS });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return { state: 'failed', failure: { failureClass: 'disk-full', message: messageOf(error) } };
  }
  if (row === undefined) {
    return {
      state: 'failed',
      failure: { failureClass: 'invalid-measurement', message: reasons.join('; ') },
    };
  }
  return {
    state: 'finished',
    figures: {
      verdict,
      outputThroughput: raw.output_throughput,
      medianTtftMs: raw.median_ttft_ms ?? 0,
      medianTpotMs: raw.median_tpot_ms ?? 0,
      tputPerGpu: row.tput_per_gpu,
      interactivity: Number(row.median_intvty ?? 0),
      e2elS: Number(row.median_e2el ?? 0),
    },
  };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}
