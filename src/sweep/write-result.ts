import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { defined } from '../defined/defined.ts';
import type { SessionAcceptance } from '../engines/index.ts';
import { messageOf } from '../errors.ts';
import type { AnswersUnderLoad } from '../evals/index.ts';
import type { Failure } from '../failures/index.ts';
import { agenticVariables, definitionOf, rowIdentity } from '../identity/index.ts';
import { type RawResult, withDoubts } from '../load/index.ts';
import {
  type AggregateRow,
  agenticRow,
  aggregateRow,
  headOfLog,
  type SampledPower,
  writeSampledPower,
} from '../results/index.ts';
import { isDiskFull, writeWhenThereIsRoom } from './disk-full.ts';
import type { WorkItem } from './session-work.ts';
import type { SweepDirectory } from './sweep-directory.ts';

/** The reported figures of a finished point, null if unknown; everything else is in its files. */
export interface PointFigures {
  readonly verdict: string;
  /** The reasons for the verdict; absent if there are none. */
  readonly reasons?: readonly string[];
  /** Tokens per second. */
  readonly outputThroughput: number | null;
  readonly medianTtftMs: number | null;
  readonly medianTpotMs: number | null;
  /** From the published row: tokens per second per GPU, tokens per second per user, seconds. */
  readonly tputPerGpu: number | null;
  readonly interactivity: number | null;
  readonly e2elS: number | null;
  /** Traces of the engine's profiler, in the sweep's folder of profiles; absent if it was not profiled. */
  readonly profileFiles?: readonly string[];
}

/** A measured and written point, or why it was not written. */
export type Written =
  | { readonly state: 'finished'; readonly figures: PointFigures }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface WriteContext {
  readonly directory: SweepDirectory;
  readonly resultFilename: string;
  /** Facts about the sweep and the place, added to the raw result. */
  readonly provenance: Readonly<Record<string, unknown>>;
  /** Samples taken during the measurement. */
  readonly samples?: Readonly<Record<string, unknown>>;
  /** Names of the traces of the engine's profiler; absent if it was not profiled. */
  readonly profileFiles?: readonly string[];
  /** The requests of replayed agent sessions, as files by name. */
  readonly exports?: Readonly<Record<string, string>>;
  /** The engine's output. */
  readonly engineLog: string;
  /** The power that the exporters of the engine's nodes reported; absent if the pool names none. */
  readonly power?: SampledPower;
  /** The acceptance of drafts that the engine was made to have. */
  readonly acceptance?: SessionAcceptance;
  /** Answers to the questions that rode on the load. */
  readonly answers?: AnswersUnderLoad;
  /** Fidelity fields derived from the samples. */
  readonly fidelity?: Partial<RawResult['fidelity']>;
  /** Doubts about the measurement derived from the samples. */
  readonly doubts?: readonly string[];
  /** Seconds to wait for free space on a full disk. */
  readonly diskDeadlineS: number;
  readonly onWait: () => void;
  readonly signal: AbortSignal;
}

/**
 * Writes a measurement's raw result and then its aggregate row, before either is reported. An invalid
 * measurement is kept as a raw result but gets no row. A disk that stays full is a failed outcome.
 */
export async function writeResult(
  item: WorkItem,
  measured: RawResult,
  context: WriteContext,
): Promise<Written> {
  const seen = { ...measured.fidelity, ...context.fidelity };
  const raw = { ...measured, fidelity: withDoubts(seen, context.doubts ?? []) };
  const { profileFiles } = context;
  const sampled = {
    ...raw,
    ...context.samples,
    ...defined({
      profile_files: profileFiles,
      forced_acceptance: forcedAcceptance(context.acceptance),
      answers_under_load: context.answers,
    }),
  };
  const { directory, resultFilename, provenance } = context;
  const { verdict, reasons } = raw.fidelity;
  const row: AggregateRow | undefined =
    verdict === 'invalid'
      ? undefined
      : { ...aggregateRow(sampled, rowIdentity(item.point)), ...definitionOf(item.point.entry) };
  const write = async (): Promise<void> => {
    const powered = row === undefined ? undefined : await withPower(row, sampled, context);
    const power = powered?.validation;
    await writeJson(directory.rawResult(resultFilename), {
      ...sampled,
      ...defined({ power_validation: power }),
      provenance,
    });
    if (context.exports !== undefined) await writeAgentic(item, context.exports, context);
    if (powered !== undefined) await writeJson(directory.aggregateRow(resultFilename), powered.row);
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
      ...defined({ profileFiles }),
    },
  };
}

/** Writes the requests of agent sessions in the form of the public client's exports, and the public row of them. */
async function writeAgentic(
  { point }: WorkItem,
  exports: NonNullable<WriteContext['exports']>,
  { directory, resultFilename, engineLog }: WriteContext,
): Promise<void> {
  const resultDir = directory.agenticFolder(resultFilename);
  const folder = join(resultDir, 'aiperf_artifacts');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(exports)) await writeFileAtomically(join(folder, name), text);
  const logs = existsSync(engineLog) ? [await headOfLog(engineLog)] : [];
  const { row } = await agenticRow({ resultDir, logs }, agenticVariables(point));
  await writeJson(directory.agenticRow(resultFilename), row);
}

/** The row with the power of the exporters, if there are any, after writing what they said. */
async function withPower(
  row: AggregateRow,
  raw: RawResult,
  { directory, resultFilename, power }: WriteContext,
): Promise<{ readonly row: AggregateRow; readonly validation?: PowerValidation }> {
  if (power === undefined) return { row };
  const powered = await writeSampledPower({ folder: directory.path, name: resultFilename, raw, row }, power);
  const { valid, reasons, details } = powered;
  return { row: powered.row, validation: { power_valid: valid, reasons, details } };
}

/** Whether the power of the exporters can be used, and why not. */
interface PowerValidation {
  readonly power_valid: boolean;
  readonly reasons: readonly string[];
  readonly details: readonly string[];
}

/** The mark of a result whose drafts were accepted at random. */
function forcedAcceptance(acceptance: SessionAcceptance | undefined) {
  if (acceptance === undefined) return undefined;
  const { length, draftTokens } = acceptance;
  return { acceptance_length: length, ...defined({ draft_tokens: draftTokens }) };
}

function figureOf(value: AggregateRow[string] | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}
