import { defined } from '../defined/defined.ts';
import { backendFor, backendNames, backends, poolingOf } from './backends/index.ts';
import { checkLoadTest } from './check-load-test.ts';
import { nowMs } from './clock.ts';
import { optimizeLater } from './compilation.ts';
import { countKeptTexts } from './count-tokens.ts';
import { givenBodies, hasLaterTurns, mostPrompts } from './datasets/index.ts';
import { loadTokenizer } from './datasets/tokenizer-words.ts';
import { endedWindow, isGivenUp, newStop, TestEnd, windowOf } from './ending/test-end.ts';
import { clockResolutionMs } from './fidelity/clock.ts';
import { type ClientFacts, factsOf, verdictSoFar } from './fidelity/facts.ts';
import { worstLoopLag } from './fidelity/loop-lag.ts';
import { judge } from './fidelity/verdict.ts';
import { hintFor } from './hints.ts';
import { addressUse, findAddresses, type ServerAddresses } from './http/addresses.ts';
import { shownServer } from './http/server-url.ts';
import type { Lane, TestPhase } from './lane.ts';
import { lastReplyMs } from './latencies.ts';
import { LoadError } from './load-error.ts';
import { baseUrlsOf, type LoadTest } from './load-test.ts';
import { learnPrompts, openLanes } from './open-lanes.ts';
import { type CacheResetOutcome, resetPrefixCache } from './prefix-cache/reset.ts';
import { type Profile, startProfile } from './profile.ts';
import { type LoadProgress, progressOf } from './progress.ts';
import { rawResult } from './raw-result.ts';
import { newCounters, type StreamCounters } from './recording.ts';
import { modelPicker } from './render-request.ts';
import { type KeptOfEach, RequestLog, RequestState, requestColumns } from './request-log.ts';
import { type RequestRecord, requestRecords } from './request-record.ts';
import type { RawResult, TokenizerCheck } from './result-schema.ts';
import type { Division } from './statistics/part-figures.ts';
import { valueAt } from './unknown.ts';

const progressIntervalMs = 500;
/** Time allowed for all threads to learn when the clock starts. */
const threadsStartInMs = 20;

export interface LoadContext {
  /** Ends the test early; the result then covers what was done and is marked partial. */
  readonly signal: AbortSignal;
  /** Called twice a second during the measured part, and once at its end. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /**
   * Called and awaited with what was recorded of each request, after the clock has stopped, in the order in which they
   * were made; the test says with `recorded` what to keep.
   */
  readonly onRequests?: (requests: Iterable<RequestRecord>) => Promise<void>;
  /** Called and awaited after the warm-up, before the clock starts. */
  readonly beforeStart?: () => Promise<void>;
}

/**
 * Runs one load test: opens the connections, sends the warm-up, then measures.
 * Throws LoadError: `bad-test`, `cannot-connect`, `unsupported`, or `all-failed` with the most frequent error.
 */
export async function runLoadTest(asked: LoadTest, context: LoadContext): Promise<RawResult> {
  const { signal, beforeStart } = context;
  const test = { ...asked, numPrompts: Math.min(asked.numPrompts, mostPrompts(asked.dataset)) };
  checkLoadTest(test);
  checkBodies(test);
  const addresses = await findAddresses(test, { connectTimeoutMs: 1000 * test.connectTimeoutS, signal });
  const plan = await learnPrompts(test, addresses, signal);
  const lanes = await openLanes(test, addresses, signal);
  const optimizeAsUsual = optimizeLater();
  try {
    const cursors = { warmup: newCursor(), measured: newCursor() };
    await Promise.all(lanes.map((lane) => lane.prepare(plan, cursors)));
    const cacheReset = await resetPrefixCache(test, signal);
    if (test.warmupRequests > 0) await warmUp(test, lanes, signal);
    const profile = await startProfile(test, signal);
    try {
      await beforeStart?.();
      return await measure(test, { lanes, addresses, profile, cacheReset }, context);
    } finally {
      await profile.stop();
    }
  } finally {
    optimizeAsUsual();
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** Throws LoadError `bad-test` if the backend does not accept prompts in the given form. */
function checkBodies(test: LoadTest): void {
  const name = backendFor(test);
  const takes: readonly string[] = backends[name].prompts;
  if (test.questions !== undefined && poolingOf(name) !== undefined) {
    throw new LoadError('bad-test', `--backend ${name} answers no questions: it generates no text`, {
      hint: 'measure it without --answers',
    });
  }
  if (test.replies === 'server') {
    if (!takes.includes('messages')) {
      throw new LoadError(
        'bad-test',
        `--replies server needs chat messages, which --backend ${name} does not take`,
        {
          hint: 'use --backend openai-chat',
        },
      );
    }
    if (!hasLaterTurns(test.dataset)) {
      throw new LoadError(
        'bad-test',
        '--replies server needs conversations, which the data set does not have',
        {
          hint: 'use --dataset-name conversations or agentic, or sharegpt with --multi-turn',
        },
      );
    }
  }
  const given = givenBodies(test.dataset);
  if (given.length === 0 && takes.every((kind) => kind === 'ranking')) {
    throw new LoadError('bad-test', `--backend ${name} ranks documents, which the data set does not have`, {
      hint: 'use --dataset-name random-rerank, or custom with rows of a query and documents',
    });
  }
  const wrong = given.find((kind) => !takes.includes(kind));
  if (wrong === undefined) return;
  const others = backendNames.filter((other) => backends[other].prompts.some((kind) => kind === wrong));
  const words = {
    text: 'text',
    messages: 'chat messages',
    'token-ids': 'token ids',
    list: 'lists of inputs',
    ranking: 'queries with documents',
  }[wrong];
  throw new LoadError('bad-test', `the data set has ${words}, which --backend ${name} does not take`, {
    hint: `use --backend ${others.join(' or ')}`,
  });
}

function newLog(length: number, lanes: readonly Lane[], kept: KeptOfEach): RequestLog {
  return new RequestLog(requestColumns(length, { shared: lanes.length > 1 }), kept);
}

/** What a test asks to keep of each request. */
function keptOfEach({ detailed = false, recorded }: LoadTest): KeptOfEach {
  if (detailed) return 'everything';
  return recorded === undefined ? 'nothing' : recorded === 'with-text' ? 'texts' : 'errors';
}

function newCursor(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function newPhase(kind: TestPhase['kind'], lanes: readonly Lane[]): TestPhase {
  return { kind, startMs: nowMs() + (lanes.length > 1 ? threadsStartInMs : 0), stop: newStop() };
}

/** Sends the warm-up; throws if every request of it fails. */
async function warmUp(test: LoadTest, lanes: readonly Lane[], signal: AbortSignal): Promise<void> {
  const log = newLog(test.warmupRequests, lanes, 'nothing');
  const phase = newPhase('warmup', lanes);
  await Promise.all(lanes.map((lane) => lane.run(phase, log, signal)));
  if (!signal.aborted) throwIfAllFailed(test, log);
}

/** The parts that a test is measured with. */
interface Bench {
  readonly lanes: readonly Lane[];
  readonly addresses: ServerAddresses;
  readonly profile: Profile;
  readonly cacheReset: CacheResetOutcome | undefined;
}

async function measure(
  test: LoadTest,
  { lanes, addresses, profile, cacheReset }: Bench,
  { signal, onProgress, onRequests }: LoadContext,
): Promise<RawResult> {
  const log = newLog(test.numPrompts, lanes, keptOfEach(test));
  const resolutionMs = clockResolutionMs();
  const cpuBefore = process.cpuUsage();
  const started = newPhase('measured', lanes);
  const { startMs } = started;
  const window = windowOf(test, startMs);
  const phase = { ...started, window };
  log.window = window;
  const end = new TestEnd(test, phase);
  const date = new Date(Date.now() + startMs - nowMs());
  const clientNow = (): ClientFacts => {
    const cpu = process.cpuUsage(cpuBefore);
    const cpuShare = (cpu.user + cpu.system) / 1000 / (nowMs() - startMs);
    const vitals = lanes.map((lane) => lane.vitals());
    return {
      loopLag: worstLoopLag(vitals.map(({ loopLag }) => loopLag)),
      counters: sumOf(vitals.map(({ counters }) => counters)),
      cpuShare,
      threads: lanes.length,
      resolutionMs,
      addresses: addressUse(
        addresses,
        vitals.map(({ requestsByAddress }) => requestsByAddress),
      ),
    };
  };
  const generates = poolingOf(backendFor(test)) === undefined;
  const report = (): void => {
    const client = clientNow();
    end.see(log, client.counters);
    if (onProgress === undefined) return;
    const { verdict } = verdictSoFar(test, client);
    const times = { startMs, nowMs: nowMs() };
    onProgress(progressOf(log, client.counters, times, verdict, { generates }));
  };
  const reporting = setInterval(report, progressIntervalMs);
  profile.measuring();
  try {
    await Promise.all(lanes.map((lane) => lane.run(phase, log, signal)));
  } finally {
    clearInterval(reporting);
    end.dispose();
  }
  const partial = signal.aborted;
  const endMs = nowMs();
  const client = clientNow();
  report();
  await Promise.all(lanes.map((lane) => lane.close()));
  if (!partial) throwIfAllFailed(test, log);
  const check = await countTokens(test, log);
  if (onRequests !== undefined) {
    const names = addressNames(test, addresses);
    await onRequests(requestRecords(test, log, { date, startMs, addresses: names }));
  }
  const lastMs = lastReplyMs(log);
  const durationMs = (Number.isNaN(lastMs) ? endMs : lastMs) - startMs;
  const endedBy = end.of(log, partial);
  const profileTrouble = await profile.stop();
  const facts = factsOf(test, log, client, check, partial);
  const fidelity = judge({
    ...facts,
    ...defined({
      profiled: test.profile === true ? (profileTrouble ?? 'stopped') : undefined,
      gaveUp: isGivenUp(endedBy) ? endedBy.detail : undefined,
    }),
  });
  const harmless = client.counters.doubtful_replies - facts.doubtful_replies;
  const notes = [
    ...(harmless === 0 ? [] : [noteOfHarmless(harmless)]),
    ...(cacheReset?.note === undefined ? [] : [cacheReset.note]),
    ...notesOfReplies(test, client.counters),
  ];
  const cacheWasReset = cacheReset?.isDone;
  const figures = window === undefined ? undefined : endedWindow(window, startMs, endedBy);
  return rawResult(test, log, {
    date,
    startMs,
    durationMs,
    partial,
    fidelity,
    notes,
    cacheWasReset,
    endedBy,
    window: figures,
    servers: serversOf(test, log, addresses),
    models: modelsOf(test),
  });
}

/** How requests were divided among several servers. */
function serversOf(test: LoadTest, log: RequestLog, { reachable }: ServerAddresses): Division | undefined {
  const urls = baseUrlsOf(test);
  if (urls.length === 1) return undefined;
  return {
    names: urls.map(shownServer),
    partOf: (index) => reachable[valueAt(log.address, index)]?.server ?? 0,
  };
}

/** How requests were divided among several models. */
function modelsOf({ models, seed }: LoadTest): Division | undefined {
  if (models === undefined) return undefined;
  const names = [...new Set(models.models)];
  const modelOf = modelPicker(models, seed);
  return { names, partOf: (index) => names.indexOf(modelOf(index)) };
}

/** The address of each place, with its server if there are several. */
function addressNames(test: LoadTest, { reachable }: ServerAddresses): readonly string[] {
  const urls = baseUrlsOf(test).map(shownServer);
  return reachable.map(({ name, server = 0 }) => (urls.length === 1 ? name : (urls[server] ?? name)));
}

function noteOfHarmless(replies: number): string {
  const subject = replies === 1 ? '1 reply' : `${replies} replies`;
  return `in ${subject} it is unclear which events were tokens, but no mean, median or percentile would differ by more than 1 %`;
}

/** What the history of conversations consists of. */
function notesOfReplies({ replies }: LoadTest, { repliesNotContinued: missing }: StreamCounters): string[] {
  if (replies !== 'server') return [];
  const lacking =
    missing === 0 ? '' : `; for ${missing} that failed or had no text, the ones of the data set were sent`;
  return [`the history of conversations has the server's own replies${lacking}`];
}

/** Counts what the server did not count, and a sample of what it did, with the tokenizer's file. */
async function countTokens(test: LoadTest, log: RequestLog): Promise<TokenizerCheck | undefined> {
  const { tokenizerFile, ignoreEos } = test;
  if (tokenizerFile === undefined || log.keptTexts.length === 0) return undefined;
  const { count } = await loadTokenizer(tokenizerFile);
  return countKeptTexts(log, { countTokens: count, ignoreEos });
}

function throwIfAllFailed(test: LoadTest, log: RequestLog): void {
  if (log.count(RequestState.completed) > 0) return;
  if (log.count(RequestState.outside) > 0) {
    throw new LoadError('all-failed', 'no request that was sent between warm-up and cool-down completed', {
      hint: 'measure for longer, or with a shorter warm-up and cool-down',
    });
  }
  const [worst] = [...log.troubles.values()].filter(({ failed }) => failed).sort((a, b) => b.count - a.count);
  throw new LoadError(
    'all-failed',
    `all ${log.count(RequestState.failed) || log.length} requests failed${worst === undefined ? '' : `, most often with ${worst.class}: ${worst.example}`}`,
    {
      hint: hintFor(test, worst),
      ...defined({ trouble: worst?.class }),
    },
  );
}

function sumOf(all: readonly Readonly<StreamCounters>[]): StreamCounters {
  const sum = newCounters();
  for (const counters of all) {
    for (const name of counterNames) sum[name] += counters[name];
  }
  return sum;
}

const counterNames = Object.keys(newCounters()).filter(
  (name): name is keyof StreamCounters => name in newCounters(),
);
