import { defined } from '../defined/defined.ts';
import type { Engine } from '../engines/index.ts';
import { messageOf } from '../errors.ts';
import type { Failure, FailureClass, FailureRules } from '../failures/index.ts';
import { isReplayed, scenarioField } from '../identity/index.ts';
import { engineDied, engineLogs, logTail, type RunningEngine } from '../launchers/index.ts';
import {
  hasRandomTokens,
  type LoadContext,
  LoadError,
  type LoadProgress,
  type LoadTest,
  type RawResult,
  type SearchFigures,
} from '../load/index.ts';
import { timeoutSignal } from '../timeout-signal.ts';
import { kindOfScenario, loadWorkloadTests, searchOf } from '../workload/index.ts';
import { type Explainer, explained, explainLogs, measurementFailure } from './engine-failure.ts';
import { exitNoticed } from './exit-notice.ts';
import { isAnother, ListenerWatch, listenerOf, otherServer } from './listener-watch.ts';
import { type AskedReplay, askedTimeS, type ReplayedPoint, type Replayer } from './replayed-point.ts';
import { type Measured, type SearchTest, searchPoint } from './search-point.ts';
import { seedOf } from './seed.ts';
import type { WorkItem } from './session-work.ts';
import { Silence, type SilentEngine } from './silence.ts';
import { StallWatch } from './stall-watch.ts';
import { isStillThere } from './still-there.ts';

const mostConnectS = 10;
/** With one thread, it would run in the caller's own. */
const ownThreadCount = 2;

/** A completed load test, or why it was not completed. */
export type LoadTestOutcome =
  | {
      readonly state: 'measured';
      /** Of a search: that of the highest load that holds. */
      readonly raw: RawResult;
      readonly search?: SearchFigures;
      /** The requests of replayed agent sessions, as files by name. */
      readonly exports?: ReplayedPoint['exports'];
      readonly listener: ListenerProof;
      /** Whether the prompts were drawn at random, token by token. */
      readonly randomTokens: boolean;
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
  /** Profile the engine during the first seconds, with one request per stream. */
  readonly profileS?: number;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly onSilence?: SilentEngine['onSilence'];
  /** Called and awaited after each test of a search. */
  readonly onSearchTest?: (test: SearchTest) => Promise<void>;
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
  const limitS = (rules['load-test'].deadlineS ?? Number.POSITIVE_INFINITY) + askedTimeS(item.point.entry);
  const stallS = stallTimeoutS(context);
  const watched = () => {
    const stall = new StallWatch(stallS);
    return { timeout: timeoutSignal(1000 * limitS), stall, silence: new Silence(stall, stallS, context) };
  };
  // Each test of a search has its own deadline.
  let { timeout, stall, silence } = watched();
  const before = await listenerOf(context);
  if (before.state === 'failed') return before;
  const watch = new ListenerWatch(before.sockets, context);
  // All tests of a point have the same kind of data set.
  let randomTokens = false;
  const watching = () => {
    ({ timeout, stall, silence } = watched());
    const own = { stall, silence };
    return {
      signal: AbortSignal.any([signal, timeout, ended.signal, stall.signal, watch.signal]),
      onProgress: (progress: LoadProgress) => {
        own.stall.see(progress);
        context.onProgress(progress);
        own.silence.see();
      },
    };
  };
  const run = async (test: LoadTest): Promise<RawResult> => {
    randomTokens = hasRandomTokens(test.dataset);
    return await context.measure(test, watching());
  };
  const outcome = await (isReplayed(item.point.entry)
    ? context.replay(askedReplay(item, stallS, context), watching())
    : testsOf(item, stallS, context, run)
  )
    .catch((error: unknown) => ({ error }))
    .finally(() => watch.end());
  signal.throwIfAborted();
  const whole = 'raw' in outcome && outcome.raw.partial !== true;
  const after = watch.failure ?? (await listenerOf(context));
  if (after.state === 'failed') return after;
  if (whole && isAnother(before.sockets, after.sockets)) return otherServer;
  const listener = before.sockets !== undefined && after.sockets !== undefined ? 'proven' : 'unknown';
  if (whole && outcome.raw.failed === 0) return { state: 'measured', ...outcome, listener, randomTokens };
  await exitNoticed(exit);
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
  if (whole) return { state: 'measured', ...outcome, listener, randomTokens };
  if (stall.signal.aborted)
    return await silent('stalled', `the engine did not answer for ${2 * stallS} s`, silence, context);
  if (timeout.aborted) return failed('load-test', `the measurement took longer than ${limitS} s`);
  if ('raw' in outcome) return failed('load-test', 'the measurement was stopped early');
  const { error } = outcome;
  const stalled = error instanceof LoadError && error.trouble === 'stalled';
  if (stalled) return await silent('stalled', messageOf(error), silence, context);
  return await refused(messageOf(error), context);
}

function askedReplay(
  item: WorkItem,
  stallS: number,
  { engine, model, cacheResetPath }: MeasureContext,
): AskedReplay {
  return {
    item,
    baseUrl: engine.baseUrl,
    model,
    stallTimeoutS: stallS,
    connectTimeoutS: Math.min(mostConnectS, stallS),
    ...defined({ cacheResetPath }),
  };
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

/** Runs the test of a point, or those of its search. A profiled point is one test. */
async function testsOf(
  item: WorkItem,
  stallS: number,
  context: MeasureContext,
  run: (test: LoadTest) => Promise<RawResult>,
): Promise<Measured<RawResult>> {
  const base = baseTest(item, stallS, context);
  const { entry, conc } = item.point;
  const kind = kindOfScenario(entry[scenarioField]);
  const { traffic } = entry;
  if (kind === undefined || traffic === undefined) return { raw: await run(base) };
  const point = { conc, seed: base.seed };
  const { workloadTest } = await loadWorkloadTests();
  const isProfiled = context.profileS !== undefined;
  const search = isProfiled ? undefined : searchOf(traffic, conc);
  if (search !== undefined)
    return await searchPoint({ kind, traffic, point, search, base }, run, context.onSearchTest);
  const requests = isProfiled ? conc : undefined;
  return {
    raw: await run({
      ...base,
      ...(await workloadTest(kind, traffic, { ...point, ...defined({ requests }) })),
    }),
  };
}

/** The test of a point of fixed lengths, and what the tests of all workloads have in common. */
function baseTest(
  item: WorkItem,
  stallS: number,
  { model, engine, backend, cacheResetPath, ownThreads, profileS }: MeasureContext,
): LoadTest {
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
  };
}

function failed(failureClass: FailureClass, message: string): LoadTestOutcome {
  return { state: 'failed', failure: { failureClass, message } };
}
