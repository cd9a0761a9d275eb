import { writeFileAtomically } from '../atomic-file.ts';
import { defined } from '../defined/defined.ts';
import { messageOf } from '../errors.ts';
import type { Failure } from '../failures/index.ts';
import { rowIdentity } from '../identity/index.ts';
import { type RawResult, withDoubts } from '../load/index.ts';
import { type AggregateRow, aggregateRow } from '../results/index.ts';
import { isDiskFull, writeWhenThereIsRoom } from './disk-full.ts';
import type { WorkItem } from './session-work.ts';
import type { SweepDirectory } from './sweep-directory.ts';

/** What is told of a finished point, null for what is not known; everything else is in its files. */
export interface PointFigures {
  readonly verdict: string;
  /** Why it is not better; not there where nothing was found. */
  readonly reasons?: readonly string[];
  /** Tokens per second. */
  readonly outputThroughput: number | null;
  readonly medianTtftMs: number | null;
  readonly medianTpotMs: number | null;
  /** Of the published row: tokens per second and GPU, tokens per second and user, seconds. */
  readonly tputPerGpu: number | null;
  readonly interactivity: number | null;
  readonly e2elS: number | null;
}

/** A measured and written point, or why it is neither. */
export type Written =
  | { readonly state: 'finished'; readonly figures: PointFigures }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface WriteContext {
  readonly directory: SweepDirectory;
  readonly resultFilename: string;
  /** Facts about the sweep and the place, kept in the raw result beside the measurement. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** What was sampled while it was measured. */
  readonly samples?: Readonly<Record<string, unknown>>;
  /** What they say of its fidelity. */
  readonly fidelity?: Partial<RawResult['fidelity']>;
  /** What they say against the measurement. */
  readonly doubts?: readonly string[];
  /** How long somebody may take to make room on a full disk, seconds. */
  readonly diskDeadlineS: number;
  readonly onWait: () => void;
  readonly signal: AbortSignal;
}

/**
 * Writes a measurement's raw result and its aggregate row, in that order, before either is reported. A measurement
 * that is not valid is kept as a raw result and never becomes a row. A disk that stays full is a failed outcome.
 */
export async function writeResult(
  item: WorkItem,
  measured: RawResult,
  context: WriteContext,
): Promise<Written> {
  const seen = { ...measured.fidelity, ...context.fidelity };
  const raw = { ...measured, fidelity: withDoubts(seen, context.doubts ?? []) };
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
      ...defined({ reasons: reasons.length > 0 ? reasons : undefined }),
      outputThroughput: raw.output_throughput,
      medianTtftMs: raw.median_ttft_ms,
      medianTpotMs: raw.median_tpot_ms,
      tputPerGpu: row.tput_per_gpu,
      interactivity: figureOf(row.median_intvty),
      e2elS: figureOf(row.median_e2el),
    },
  };
}

function figureOf(value: AggregateRow[string] | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}
