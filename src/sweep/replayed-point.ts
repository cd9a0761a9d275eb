import { defined } from '../defined/defined.ts';
import { isMultiNode, isReplayed, type MatrixEntry } from '../identity/index.ts';
import {
  type AgentCorpusTrees,
  LoadError,
  type LoadProgress,
  loadAgentic,
  loadTestDefaults,
  type RawResult,
  type ReplayProgress,
} from '../load/index.ts';
import type { ProvisionContext } from '../provision/index.ts';
import { type ReplaySettings, replaySettings } from '../workload/index.ts';
import type { WorkItem } from './session-work.ts';
import { traceSource } from './trace-source.ts';

/** A replayed point: its raw result, and its requests in the form of the public client's exports, by file name. */
export interface ReplayedPoint {
  readonly raw: RawResult;
  readonly exports: Readonly<Record<string, string>>;
}

/** Where and how the sessions of a point are replayed. */
export interface AskedReplay {
  readonly item: WorkItem;
  readonly baseUrl: string;
  readonly model: string;
  readonly stallTimeoutS: number;
  readonly connectTimeoutS: number;
  readonly cacheResetPath?: string;
}

export interface ReplayerContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Called when the measured phase starts; nothing waits for it, and an error of it is ignored. */
  readonly beforeStart?: () => Promise<void>;
}

/** Replays agent sessions against a running engine. */
export type Replayer = (asked: AskedReplay, context: ReplayerContext) => Promise<ReplayedPoint>;

/** A replayer that reads each corpus once for all points of a sweep. */
export function replayer(provision: Omit<ProvisionContext, 'signal'>): Replayer {
  const read = new Map<string, Promise<AgentCorpusTrees>>();
  const corpusOf = async (settings: ReplaySettings, model: string, signal: AbortSignal) => {
    const { source, contextTokens, traces } = settings;
    const key = JSON.stringify([source, contextTokens, traces, model]);
    for (;;) {
      const others = read.get(key);
      if (others === undefined) break;
      const found = await others.catch(() => undefined);
      if (found !== undefined) return found;
      // It was read for another point, which may have ended.
      signal.throwIfAborted();
    }
    const own = corpusAt(settings, model, { ...provision, signal });
    read.set(key, own);
    own.catch(() => read.delete(key));
    return await own;
  };
  return async (asked, { signal, onProgress, beforeStart }) => {
    const { point, repeat } = asked.item;
    const settings = settingsOf(point.entry);
    const { corpus, trees } = await corpusOf(settings, asked.model, signal);
    const agentic = await loadAgentic();
    const { seed, startRatios, warmupRequestsPerLane, systemIdleCapS, treeIdleCapS } = settings;
    const replay = {
      corpus,
      trees,
      server: {
        ...loadTestDefaults,
        backend: 'openai-chat' as const,
        baseUrl: asked.baseUrl,
        model: asked.model,
        tokenizerId: asked.model,
        ignoreEos: true,
        seed: seed + repeat - 1,
        stallTimeoutS: asked.stallTimeoutS,
        connectTimeoutS: asked.connectTimeoutS,
        ...defined({
          cacheReset:
            asked.cacheResetPath === undefined
              ? undefined
              : { paths: [asked.cacheResetPath], required: false },
        }),
      },
      durationS: settings.durationS,
      graceS: settings.graceS,
      mostFailed: settings.mostFailed,
      toolCalls: settings.toolCalls,
      affinity: agentic.affinityOf(routersOf(point.entry)),
      rules: {
        lanes: point.conc,
        // The first repeat is the public run; each further one starts its sessions elsewhere.
        seed: seed + repeat - 1,
        run: agentic.newRunId(),
        startRatios,
        warmupRequestsPerLane,
        systemIdleCapS,
        treeIdleCapS,
      },
    };
    const run = await agentic.replayTraces(replay, {
      signal,
      onProgress: (progress) => onProgress(loadProgressOf(progress)),
      onMeasuring: () => void beforeStart?.().catch(() => undefined),
    });
    if (run.failure !== undefined) throw new LoadError('all-failed', run.failure);
    const raw = agentic.replayResult(replay, run);
    if (raw.completed === 0 && !run.isCancelled) throw nothingCompleted(settings.durationS);
    const report = agentic.reportOf(run, replay);
    return {
      raw,
      exports: { ...agentic.exportsOf(run, report, { name: corpus.name, traces: trees.length }) },
    };
  };
}

function nothingCompleted(durationS: number): LoadError {
  return new LoadError('all-failed', `no request completed in the ${durationS} s of the measured phase`, {
    hint: 'measure for longer (benchmark-duration), or at a lower concurrency',
  });
}

/** The sessions that the settings name. */
async function corpusAt(
  { source, contextTokens, traces }: ReplaySettings,
  model: string,
  context: ProvisionContext,
): Promise<AgentCorpusTrees> {
  const agentic = await loadAgentic();
  const found = await traceSource(source, contextTokens, context);
  return await agentic.readCorpus(found, [model], { contextTokens, ...defined({ traces }) });
}

/** How the sessions of an entry are replayed. */
function settingsOf(entry: MatrixEntry): ReplaySettings {
  return replaySettings({
    model: entry['model-prefix'],
    durationS: entry.duration,
    traffic: entry.traffic,
  });
}

/** How long a point is to send, in seconds, in addition to what any measurement may take. */
export function askedTimeS(entry: MatrixEntry): number {
  if (!isReplayed(entry)) return entry.traffic?.duration ?? 0;
  const { durationS, graceS } = settingsOf(entry);
  return durationS + graceS;
}

/** What stands between the client and the engine, by which sessions are kept on one worker. */
function routersOf(entry: MatrixEntry): readonly string[] {
  return [entry.router?.name ?? '', isMultiNode(entry) ? entry.framework : ''];
}

function loadProgressOf(progress: ReplayProgress): LoadProgress {
  const { phase, treesDone, leftS, completed, failed, inFlight, elapsedS } = progress;
  return {
    elapsedS,
    total: completed + failed + inFlight,
    completed,
    failed,
    inFlight,
    outputThroughput: null,
    requestThroughput: elapsedS > 0 ? completed / elapsedS : 0,
    medianTtftMs: null,
    medianTpotMs: null,
    replay: { phase, treesDone, leftS },
    verdict: 'checked',
  };
}
