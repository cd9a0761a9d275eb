import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { acceptanceOfSession } from '../engines/index.ts';
import { messageOf } from '../errors.ts';
import { defaultEvalContext, doubtOfAnswers, LoadQuestions } from '../evals/index.ts';
import { endsTheEngine, endsTheSweep, type Failure } from '../failures/index.ts';
import { answersShareOf, draftsTokens, resultName } from '../identity/index.ts';
import type { LoadContext, LoadTest, RawResult } from '../load/index.ts';
import { productVersion } from '../product-version.ts';
import type { SampledPower } from '../results/index.ts';
import { doubtOfDrafts, type ExporterSamples, type ServerWatch } from '../telemetry/index.ts';
import { measurementOf } from './adaptive.ts';
import type { SessionEnd, SessionTask, SweepServices, SweepTools } from './context.ts';
import type { EngineSeat } from './hooks.ts';
import { journaled, whereOf } from './located.ts';
import { measurePoint } from './measure-point.ts';
import { PointProfile } from './point-profile.ts';
import type { SessionWork, WorkItem } from './session-work.ts';
import { SweepStopped } from './sweep-stopped.ts';
import { usedGpus } from './used-gpus.ts';
import { type Written, writeResult } from './write-result.ts';

/** What was sampled during a test. */
type Sampled = Awaited<ReturnType<ServerWatch['over']>>;
/** What sampled, as far as provenance knows it. */
const producer = z.looseObject({
  product: z
    .looseObject({ version: z.string(), git_sha: z.string().optional() })
    .default({ version: productVersion() }),
});

/** A session on a running engine. */
export interface SeatedSession {
  readonly task: SessionTask;
  readonly seat: EngineSeat;
  /** What was provisioned, for the raw results. */
  readonly artifacts: Readonly<Record<string, unknown>>;
  /** Adds to a failure the nodes on which it happened, if the cluster chose them. */
  readonly located: (failure: Failure) => Failure;
  readonly onFailure: (failure: Failure) => void;
}

/**
 * Measures the rest of a session in the order of the chooser, then checks the engine; returns `again` if the
 * engine ended before everything was measured. Throws the signal's reason if interrupted, and SweepStopped.
 */
export async function measureSession(
  seated: SeatedSession,
  services: SweepServices,
  tools: SweepTools,
): Promise<SessionEnd['how'] | 'again'> {
  return await new SessionPoints(seated, services, tools).measure();
}

class SessionPoints {
  readonly #task: SessionTask;
  readonly #seat: EngineSeat;
  readonly #artifacts: SeatedSession['artifacts'];
  readonly #located: SeatedSession['located'];
  readonly #onFailure: SeatedSession['onFailure'];
  readonly #services: SweepServices;
  readonly #tools: SweepTools;

  constructor(
    { task, seat, artifacts, located, onFailure }: SeatedSession,
    services: SweepServices,
    tools: SweepTools,
  ) {
    this.#task = task;
    this.#seat = seat;
    this.#artifacts = artifacts;
    this.#located = located;
    this.#onFailure = onFailure;
    this.#services = services;
    this.#tools = tools;
  }

  async measure(): Promise<SessionEnd['how'] | 'again'> {
    const { work, chooser, outOfTime, signal } = this.#task;
    for (;;) {
      signal.throwIfAborted();
      if (outOfTime()) return 'no-time';
      const { next, skips } = chooser.choose(work);
      for (const { item, reason } of skips) {
        work.skip(item);
        await this.#services.record({ type: 'point-skipped', ...this.#where, pointId: item.id, reason });
      }
      if (next === undefined) break;
      const failure = await this.#measureItem(next);
      if (failure !== undefined && (failure.engineEnded === true || endsTheEngine(failure.failureClass)))
        return work.pending.length > 0 ? 'again' : endOf(work);
    }
    if (work.finished > 0 || work.isCheckDue) await this.#check();
    return endOf(work);
  }

  /** Measures one item once. A failure is recorded and returned. */
  async #measureItem(item: WorkItem): Promise<Failure | undefined> {
    const { work, chooser } = this.#task;
    const { clock, record } = this.#services;
    const where = { ...this.#where, pointId: item.id };
    await record({ type: 'point-started', ...where, attempt: work.begin(item) });
    const startMs = clock.monotonicMs();
    const resultFilename = resultFilenameOf(item, this.#seat.node);
    const outcome = await this.#measureAndWrite(item, resultFilename);
    if (outcome.state === 'failed') {
      await this.#pointFailed(item, outcome.failure);
      return outcome.failure;
    }
    const tookS = Math.round(clock.monotonicMs() - startMs) / 1000;
    await record({ type: 'point-finished', ...where, resultFilename, ...outcome.figures, tookS });
    work.finish(item);
    const measurement = measurementOf(item.point.id, outcome.figures);
    if (measurement !== undefined) chooser.learn(measurement);
    return undefined;
  }

  async #measureAndWrite(item: WorkItem, resultFilename: string): Promise<Written> {
    const { besideOthers, signal } = this.#task;
    const { sweepId, directory, rules, record, tell, profileS } = this.#services;
    const where = { ...this.#where, pointId: item.id };
    const seat = this.#seat;
    const profile = profileS === undefined ? undefined : await PointProfile.begin(seat.place);
    const sampledBy = new WeakMap<RawResult, Sampled>();
    const questionsBy = new WeakMap<RawResult, LoadQuestions>();
    const measured = await measurePoint(item, {
      model: seat.session.model,
      engine: seat.running,
      healthPath: seat.engine.readiness.path,
      explainExit: seat.engine.explainExit,
      backend: seat.engine.protocol,
      rules,
      ownThreads: besideOthers,
      // Each test of a search is sampled on its own.
      measure: async (test, context) => {
        const watch = await this.#beginWatch();
        const questions = questionsOf(item, test);
        try {
          const raw = await this.#tools.measure(
            { ...test, ...questions?.settings },
            {
              ...context,
              ...defined({ beforeStart: watch?.beforeStart, onRequests: recorderOf(questions) }),
            },
          );
          if (questions !== undefined) questionsBy.set(raw, questions);
          const sampled = raw.partial === true ? undefined : await watch?.over(raw);
          if (sampled !== undefined) sampledBy.set(raw, sampled);
          return raw;
        } finally {
          watch?.stop();
        }
      },
      replay: async (asked, context) =>
        await this.#sampled(
          async (beforeStart) => await this.#tools.replay(asked, { ...context, ...defined({ beforeStart }) }),
          ({ raw }) => raw,
          sampledBy,
        ),
      ...defined({
        cacheResetPath: seat.engine.cacheResetPath,
        profileS,
      }),
      onProgress: (progress) => tell({ type: 'point-progress', ...where, progress }),
      onSilence: (what, timeoutS) => tell({ type: 'waiting', ...this.#where, what, timeoutS }),
      onSearchTest: async (test) => await record({ type: 'point-tested', ...where, ...test }),
      signal,
    });
    if (measured.state === 'failed') return measured;
    const timeoutS = rules['disk-full'].deadlineS ?? 0;
    const sampled = sampledBy.get(measured.raw);
    const power = sampled?.exported === undefined ? undefined : this.#sampledPower(sampled.exported);
    const acceptance = acceptanceOfSession(seat.engine, seat.session);
    const drafted = doubtOfDrafts(sampled?.samples.server_metrics, {
      randomTokens: measured.randomTokens,
      forced: acceptance !== undefined,
      drafts: draftsTokens(item.point.entry),
    });
    const answers = await questionsBy.get(measured.raw)?.judge(
      {
        baseUrl: seat.running.baseUrl,
        model: seat.session.model,
        api: item.point.client.useChatTemplate ? 'chat' : 'completions',
      },
      { ...defaultEvalContext, signal },
    );
    const wrong = answers === undefined ? undefined : doubtOfAnswers(answers);
    const traces = await profile?.keep(directory, resultFilename, signal);
    const { raw, search } = measured;
    return await writeResult(
      item,
      { ...raw, ...defined({ search }) },
      {
        directory,
        resultFilename,
        provenance: {
          ...this.#tools.provenance,
          sweepId,
          sessionId: seat.session.id,
          pointId: item.id,
          repeat: item.repeat,
          node: seat.node,
          nodes: seat.place.nodes,
          server: seat.session.server,
          listener: measured.listener,
          ...this.#artifacts,
        },
        ...sampled,
        ...defined({ power, profileFiles: traces?.names, acceptance, answers, exports: measured.exports }),
        engineLog: directory.engineLog(seat.session),
        doubts: [
          ...(sampled?.doubts ?? []),
          ...(traces?.doubts ?? []),
          ...[drafted, wrong].filter((doubt) => doubt !== undefined),
        ],
        diskDeadlineS: timeoutS,
        onWait: () =>
          tell({ type: 'waiting', ...this.#where, what: 'room on the disk of the results', timeoutS }),
        signal,
      },
    );
  }

  /** Samples during a measurement, and keeps the samples of a whole one by its raw result. */
  async #sampled<Result>(
    run: (beforeStart: (() => Promise<void>) | undefined) => Promise<Result>,
    rawOf: (result: Result) => RawResult,
    sampledBy: WeakMap<RawResult, Sampled>,
  ): Promise<Result> {
    const watch = await this.#beginWatch();
    try {
      const result = await run(watch?.beforeStart);
      const raw = rawOf(result);
      const sampled = raw.partial === true ? undefined : await watch?.over(raw);
      if (sampled !== undefined) sampledBy.set(raw, sampled);
      return result;
    } finally {
      watch?.stop();
    }
  }

  #sampledPower(exported: ExporterSamples): SampledPower {
    const { session, place } = this.#seat;
    const { product } = producer.parse(this.#tools.provenance);
    const producerCommit = product.git_sha ?? `inferencemax-${product.version}`;
    return { ...exported, gpus: usedGpus(session.server, place.nodes), producerCommit };
  }

  /** Starts sampling for a measurement; an error is journaled and does not stop the measurement. */
  async #beginWatch() {
    const failed = async (error: unknown) => {
      await this.#hookFailed('sampling', error);
      return undefined;
    };
    const watch = await this.#tools.hooks?.watch?.(this.#seat).catch(failed);
    if (watch === undefined) return undefined;
    return {
      beforeStart: watch.beforeStart,
      stop: () => void watch.stop().catch(failed),
      over: async (raw: RawResult) => await watch.over(raw).catch(failed),
    };
  }

  async #check(): Promise<void> {
    try {
      const outcomes = (await this.#tools.hooks?.check?.(this.#seat)) ?? [];
      const of = outcomes.length;
      for (const outcome of outcomes)
        await this.#services.record({ type: 'check-finished', ...this.#where, ...outcome, of });
    } catch (error) {
      this.#task.signal.throwIfAborted();
      await this.#hookFailed('the check', error);
    }
    this.#task.work.isCheckDue = false;
  }

  async #hookFailed(what: string, error: unknown): Promise<void> {
    await this.#services.record({ type: 'hook-failed', ...this.#where, what, message: messageOf(error) });
  }

  async #pointFailed(item: WorkItem, unlocated: Failure): Promise<void> {
    const failure = this.#located(unlocated);
    this.#onFailure(failure);
    const { work, canMove } = this.#task;
    const next = work.pointFailed(item, failure, whereOf(failure, this.#seat.node), canMove());
    await this.#services.record({
      type: 'point-failed',
      ...this.#where,
      pointId: item.id,
      ...journaled(failure),
      willRetry: next !== 'give-up',
      next,
    });
    if (endsTheSweep(failure.failureClass)) throw new SweepStopped(failure);
  }

  get #where() {
    return { sessionId: this.#seat.session.id, node: this.#seat.node };
  }
}

function endOf(work: SessionWork): SessionEnd['how'] {
  return work.left.length > 0 ? 'other-node' : 'done';
}

/** The questions that a point's config asks under the load of a test. */
function questionsOf({ point }: WorkItem, { numPrompts, seed }: LoadTest): LoadQuestions | undefined {
  const share = answersShareOf(point.entry);
  if (share === undefined) return undefined;
  return new LoadQuestions({ share, inputTokens: point.entry.isl, requests: numPrompts, seed });
}

/** Takes the answers from the recorded requests. */
function recorderOf(questions: LoadQuestions | undefined): LoadContext['onRequests'] {
  if (questions === undefined) return undefined;
  return async (requests) => {
    for (const request of requests) questions.see(request);
  };
}

function resultFilenameOf({ point, repeat }: WorkItem, node: string): string {
  return `${resultName(point.entry, point.conc, node)}${repeat === 1 ? '' : `_r${repeat}`}`;
}
