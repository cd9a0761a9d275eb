import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../defined/defined.ts';
import type { Engine } from '../engines/index.ts';
import { messageOf } from '../errors.ts';
import type { Failure, FailureClass, FailureRules } from '../failures/index.ts';
import { isReplayed, type MatrixEntry, scenarioField } from '../identity/index.ts';
import { engineDied, engineLogs, logTail, type RunningEngine } from '../launchers/index.ts';
import {
  type LoadContext,
  LoadError,
  type LoadProgress,
  type LoadTest,
  type RawResult,
} from '../load/index.ts';
import { timeoutSignal } from '../timeout-signal.ts';
import { kindOfScenario, loadWorkloadTests, type WorkloadTest } from '../workload/index.ts';
import { type Explainer, explained, explainLogs, measurementFailure } from './engine-failure.ts';
import { isAnother, ListenerWatch, listenerOf, otherServer } from './listener-watch.ts';
import { type ReplayedPoint, type Replayer, settingsOf } from './replayed-point.ts';
import { seedOf } from './seed.ts';
import type { WorkItem } from './session-work.ts';
import { Silence, type SilentEngine } from './silence.ts';
import { StallWatch } from './stall-watch.ts';
import { isStillThere } from './still-there.ts';

/**
 * When an engine dies, its connections may break before its exit is noticed; wait this long to tell the two
 * apart.
 */
const exitNoticeMs = 2_000;
const mostConnectS = 10;
/** With one thread, it would run in the caller's own. */
const ownThreadCount = 2;

/** A completed load test, or why it was not completed. */
export type LoadTestOutcome =
  | {
      readonly state: 'measured';
      readonly raw: RawResult;
      /** The requests of replayed agent sessions, as files by name. */
      readonly exports?: ReplayedPoint['exports'];
      readonly listener: ListenerProof;
    }
  | { readonly state: 'failed'; readonly failure: Failure };

/**
 * Whether the sockets that took the requests were seen to belong to the engine before and after the
 * measurement, and were the same throughout. `unknown` if this cannot be observed, for example without Linux.
 */
export type ListenerProof = 'proven' | 'unknown';

/** Runs one load test; `runLoadTest` except in tests. */
export type LoadTester = (
  test: LoadTest,
  context: LoadContext & Required<Pick<LoadContext, 'onProgress'>>,
) => Promise<RawResult>;

export interface MeasureContext extends Explainer {
  /** The model name in requests to the engine. */
  readonly model: string;
  readonly engine: RunningEngine;
  readonly healthPath: string;
  readonly backend: Engine['protocol'];
  /** The path on which the engine empties its prefix cache, if it has one. */
  readonly cacheResetPath?: string;
  readonly rules: FailureRules;
  /** Other sessions are measured at the same time, so this one gets its own threads. */
  readonly ownThreads: boolean;
  readonly measure: LoadTester;
  readonly replay: Replayer;
  /** Awaited after the warm-up, before the clock starts. */
  readonly beforeStart?: () => Promise<void>;
  /** Profile the engine during the first seconds, with one request per stream. */
  readonly profileS?: number;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly onSilence?: SilentEngine['onSilence'];
  readonly signal: AbortSignal;
}

/**
 * Measures one point on a running engine. It ends in bounded time: with a result, when the engine ends or
 * stops answering, or at the point's deadline. Throws the signal's reason if the sweep is interrupted; every
 * other problem is a failed outcome.
 */
export async function measurePoint(item: WorkItem, context: MeasureContext): Promise<LoadTestOutcome> {
  const { engine, rules, signal } = context;
  const ended = new AbortController();
  const exit = engine.exited.then((how) => {
    ended.abort();
    return how;
  });
  const limitS = (rules['load-test'].deadlineS ?? Number.POSITIVE_INFINITY) + replayTimeS(item);
  const timeout = timeoutSignal(1000 * limitS);
  const stallS = stallTimeoutS(context);
  const stall = new StallWatch(stallS);
  const silence = new Silence(stall, stallS, context);
  const before = await listenerOf(context);
  if (before.state === 'failed') return before;
  const watch = new ListenerWatch(before.sockets, context);
  const outcome = await measured(item, stallS, context, {
    signal: AbortSignal.any([signal, timeout, ended.signal, stall.signal, watch.signal]),
    onProgress: (progress) => {
      stall.see(progress);
      context.onProgress(progress);
      silence.see();
    },
    ...defined({ beforeStart: context.beforeStart }),
  })
    .catch((error: unknown) => ({ error }))
    .finally(() => watch.end());
  signal.throwIfAborted();
  const whole = 'raw' in outcome && outcome.raw.partial !== true;
  const after = watch.failure ?? (await listenerOf(context));
  if (after.state === 'failed') return after;
  if (whole && isAnother(before.sockets, after.sockets)) return otherServer;
  const listener = before.sockets !== undefined && after.sockets !== undefined ? 'proven' : 'unknown';
  if (whole && outcome.raw.failed === 0) return { state: 'measured', ...outcome, listener };
  await Promise.race([exit, delay(exitNoticeMs, undefined, { ref: false })]);
  const unreachable = !(await isStillThere(
    `${engine.baseUrl}${context.healthPath}`,
    rules.unreachable.deadlineS ?? 0,
    AbortSignal.any([signal, ended.signal]),
  ));
  signal.throwIfAborted();
  if (ended.signal.aborted) {
    return { state: 'failed', failure: measurementFailure(await engineDied(engine, await exit), context) };
  }
  if (unreachable)
    return await silent('unreachable', `nothing answers at ${engine.baseUrl} any more`, silence, context);
  if (whole) return { state: 'measured', ...outcome, listener };
  if (stall.signal.aborted)
    return await silent('stalled', `the engine did not answer for ${2 * stallS} s`, silence, context);
  if (timeout.aborted) return failed('load-test', `the measurement took longer than ${limitS} s`);
  if ('raw' in outcome) return failed('load-test', 'the measurement was stopped early');
  const { error } = outcome;
  const stalled = error instanceof LoadError && error.trouble === 'stalled';
  if (stalled) return await silent('stalled', messageOf(error), silence, context);
  return await refused(messageOf(error), context);
}

/** What was measured of a point: by a load test or, for agent sessions, by a replay. */
async function measured(
  item: WorkItem,
  stallS: number,
  context: MeasureContext,
  how: Parameters<LoadTester>[1],
): Promise<{ readonly raw: RawResult; readonly exports?: ReplayedPoint['exports'] }> {
  const { engine, model, cacheResetPath } = context;
  if (!isReplayed(item.point.entry)) {
    return { raw: await context.measure(await loadTest(item, stallS, context), how) };
  }
  return await context.replay(
    {
      item,
      baseUrl: engine.baseUrl,
      model,
      stallTimeoutS: stallS,
      connectTimeoutS: Math.min(mostConnectS, stallS),
      ...defined({ cacheResetPath }),
    },
    how,
  );
}

/** How long a replay may take in addition to any measurement, in seconds: its measured phase, and its end. */
function replayTimeS({ point: { entry } }: WorkItem): number {
  if (!isReplayed(entry)) return 0;
  const { durationS, graceS } = settingsOf(entry);
  return durationS + graceS;
}

/** The engine runs but does not answer; its log may say what it is waiting for. */
async function silent(
  failureClass: FailureClass,
  message: string,
  silence: Silence,
  { engine, explainExit }: MeasureContext,
): Promise<LoadTestOutcome> {
  const told = explainLogs(await engineLogs(engine), { hung: true }, explainExit);
  const known = told?.meaning === undefined ? undefined : told;
  const failure = explained({ failureClass, message }, known);
  const does = await silence.inWords();
  const words = does === undefined ? failure.message : `${failure.message}; ${does}`;
  return {
    state: 'failed',
    failure: { ...failure, message: words, logTail: await logTail(engine.logPath), engineEnded: true },
  };
}

/** Requests failed although the engine runs; its answer or its log may say why. */
async function refused(message: string, { engine, explainExit }: MeasureContext): Promise<LoadTestOutcome> {
  const told = explainLogs([message, ...(await engineLogs(engine))], {}, explainExit);
  const known = told?.meaning === undefined ? undefined : told;
  return { state: 'failed', failure: explained({ failureClass: 'load-test', message }, known) };
}

/** An engine answers nothing while it writes the trace of its profiler. */
const traceTakesS = 600;

function stallTimeoutS({ rules, profileS }: MeasureContext): number {
  const limitS = rules.stalled.deadlineS ?? Number.POSITIVE_INFINITY;
  return profileS === undefined ? limitS : Math.max(limitS, traceTakesS);
}

async function loadTest(
  item: WorkItem,
  stallS: number,
  { model, engine, backend, cacheResetPath, ownThreads, profileS }: MeasureContext,
): Promise<LoadTest> {
  const { entry, conc, client } = item.point;
  const seed = seedOf(item);
  return {
    baseUrl: engine.baseUrl,
    backend,
    model,
    tokenizerId: model,
    dataset: {
      kind: 'random',
      inputLen: entry.isl,
      outputLen: entry.osl,
      rangeRatio: client.randomRangeRatio,
    },
    numPrompts: profileS === undefined ? client.numPrompts : conc,
    maxConcurrency: conc,
    ...defined({
      threads: ownThreads && conc > 1 ? ownThreadCount : undefined,
      cacheReset: cacheResetPath === undefined ? undefined : { paths: [cacheResetPath], required: false },
    }),
    requestRate: Number.POSITIVE_INFINITY,
    burstiness: 1,
    seed,
    ignoreEos: true,
    useChatTemplate: client.useChatTemplate,
    warmupRequests: client.warmupRequests,
    stallTimeoutS: stallS,
    connectTimeoutS: Math.min(mostConnectS, stallS),
    ...defined({ profile: profileS === undefined ? undefined : true, profileS }),
    ...(await workloadOf(entry, { conc, seed })),
  };
}

/** What the workload of an entry changes in its load test; nothing for requests of fixed lengths. */
async function workloadOf(
  { traffic, ...entry }: MatrixEntry,
  point: { readonly conc: number; readonly seed: number },
): Promise<Partial<WorkloadTest>> {
  const kind = kindOfScenario(entry[scenarioField]);
  if (kind === undefined || traffic === undefined) return {};
  const { workloadTest } = await loadWorkloadTests();
  return await workloadTest(kind, traffic, point);
}

function failed(failureClass: FailureClass, message: string): LoadTestOutcome {
  return { state: 'failed', failure: { failureClass, message } };
}
