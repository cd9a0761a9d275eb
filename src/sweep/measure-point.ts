import { setTimeout as delay } from 'node:timers/promises';
import { writeFileAtomically } from '../atomic-file.ts';
import type { Engine } from '../engines/index.ts';
import { messageOf } from '../errors.ts';
import { engineDied, type RunningEngine } from '../launchers/index.ts';
import type { LoadProgress, LoadTest, RawResult } from '../load/index.ts';
import type { EngineSession, PlannedPoint } from '../plan/index.ts';
import { aggregateRow } from '../results/index.ts';
import { aggregateEnvironment } from './environment.ts';
import type { Failure } from './failure.ts';
import type { RunDirectory } from './run-directory.ts';

/** A dying engine's connections break before its end is noticed; so long is waited to tell the one from the other. */
const exitNoticeMs = 2_000;

/** What is told of a finished point; everything else is in its files. */
export interface PointFigures {
  readonly verdict: string;
  /** Tokens per second. */
  readonly outputThroughput: number;
  readonly medianTtftMs: number;
  readonly medianTpotMs: number;
}

/** A measured and written point, or why it is neither. */
export type PointOutcome =
  | { readonly state: 'finished'; readonly figures: PointFigures }
  | { readonly state: 'failed'; readonly failure: Failure };

export interface PointContext {
  readonly session: EngineSession;
  readonly engine: RunningEngine;
  readonly backend: Engine['loadBackend'];
  readonly directory: RunDirectory;
  readonly resultFilename: string;
  /** The most one measurement may take, seconds. */
  readonly timeoutS: number;
  /** Facts about this sweep to keep in the raw result, beside the measurement. */
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly measure: (
    test: LoadTest,
    context: { readonly signal: AbortSignal; readonly onProgress: (progress: LoadProgress) => void },
  ) => Promise<RawResult>;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal;
}

/**
 * Measures one point on a running engine and writes its raw result and aggregate row, in that order, before it is
 * reported. A measurement that is not valid is kept as a raw result and never becomes a row.
 * Throws the signal's reason when the sweep is interrupted; every other trouble is a failed outcome.
 */
export async function measurePoint(point: PlannedPoint, context: PointContext): Promise<PointOutcome> {
  const { engine, directory, resultFilename, signal } = context;
  const ended = new AbortController();
  const exit = engine.exited.then((how) => {
    ended.abort();
    return how;
  });
  const timeout = AbortSignal.timeout(context.timeoutS * 1000);
  let raw: RawResult;
  try {
    raw = await context.measure(loadTest(point, context), {
      signal: AbortSignal.any([signal, timeout, ended.signal]),
      onProgress: context.onProgress,
    });
  } catch (error) {
    signal.throwIfAborted();
    await Promise.race([exit, delay(exitNoticeMs)]);
    if (ended.signal.aborted) return await engineFailed(engine, exit);
    return failed('load-test', messageOf(error));
  }
  signal.throwIfAborted();
  if (raw.failed > 0) await Promise.race([exit, delay(exitNoticeMs)]);
  if (ended.signal.aborted) return await engineFailed(engine, exit);
  if (timeout.aborted) return failed('load-test', `the measurement took longer than ${context.timeoutS} s`);

  await writeJson(directory.rawResult(resultFilename), { ...raw, provenance: context.provenance });
  const { verdict, reasons } = raw.fidelity;
  if (verdict === 'invalid') return failed('invalid-measurement', reasons.join('; '));
  const row = aggregateRow(raw, aggregateEnvironment(point, resultFilename));
  await writeJson(directory.aggregateRow(resultFilename), row);
  const figures = {
    verdict,
    outputThroughput: raw.output_throughput,
    medianTtftMs: raw.median_ttft_ms ?? 0,
    medianTpotMs: raw.median_tpot_ms ?? 0,
  };
  return { state: 'finished', figures };
}

function loadTest(point: PlannedPoint, { session, engine, backend }: PointContext): LoadTest {
  return {
    baseUrl: engine.baseUrl,
    backend,
    model: session.model,
    tokenizerId: session.model,
    dataset: {
      kind: 'random',
      inputLen: point.entry.isl,
      outputLen: point.entry.osl,
      rangeRatio: point.client.randomRangeRatio,
    },
    numPrompts: point.client.numPrompts,
    maxConcurrency: point.conc,
    requestRate: Number.POSITIVE_INFINITY,
    burstiness: 1,
    seed: point.client.seed,
    ignoreEos: true,
    useChatTemplate: point.client.useChatTemplate,
    warmupRequests: point.client.warmupRequests,
    stallTimeoutS: 120,
    connectTimeoutS: 10,
  };
}

async function engineFailed(
  engine: RunningEngine,
  exit: Promise<Awaited<RunningEngine['exited']>>,
): Promise<PointOutcome> {
  const { failureClass, message, logTail } = await engineDied(engine, await exit);
  return {
    state: 'failed',
    failure: { failureClass, message: `${message} during the measurement`, logTail },
  };
}

function failed(failureClass: Failure['failureClass'], message: string): PointOutcome {
  return { state: 'failed', failure: { failureClass, message } };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}
