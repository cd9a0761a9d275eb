import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { defined } from '../defined/defined.ts';
import { acceptanceOfSession } from '../engines/index.ts';
import {
  defaultEvalContext,
  defaultTolerance,
  type EvalPlan,
  type EvalProgress,
  type EvalRecord,
  type EvalSubject,
  evalRecordSchema,
  evaluate,
} from '../evals/index.ts';
import { evalSubject, rowIdentity } from '../identity/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { CheckOutcome, SessionHooks } from './hooks.ts';

/** What to ask every session, in addition to the defaults. */
export interface AccuracyCheckOptions extends Pick<EvalPlan, 'questions' | 'examples'> {
  /** The most questions per task; by default as many as the hardware answers in well under a minute. */
  readonly limit?: number;
  readonly onProgress?: (session: EngineSession, progress: EvalProgress) => void;
}

/**
 * Default number of questions per task, on accelerators and on a CPU, where each answer takes about a second.
 */
const questionsByDefault = { accelerator: 200, cpu: 8 };
/** Timeout of one task in seconds. The next session waits for it. */
const taskTimeoutS = 900;

/**
 * Checks the accuracy of a session's engine after its points are measured, and compares the scores with those
 * of the sweep's other sessions of the same model. The records are written to `evals/<session>_<task>.json`.
 */
export function accuracyCheck(options: AccuracyCheckOptions = {}): NonNullable<SessionHooks['check']> {
  return async ({ engine, session, running, directory, signal }) => {
    // The answers of dummy weights, and of drafts that are accepted at random, are meaningless.
    if (session.dummyWeights === true || acceptanceOfSession(engine, session) !== undefined) return [];
    const { api, plan } = planOf(session, options);
    const conc = Math.min(
      defaultEvalContext.concurrency,
      Math.max(...session.points.map((point) => point.conc)),
    );
    const records = await evaluate({ baseUrl: running.baseUrl, model: session.model, api }, plan, {
      ...defaultEvalContext,
      taskTimeoutS,
      concurrency: conc,
      subject: subjectOf(session, conc),
      source: session.id,
      earlier: await recordsIn(directory.evals),
      now: () => new Date(),
      signal,
      onProgress: (progress) => options.onProgress?.(session, progress),
      onRecord: async (record) =>
        await writeFileAtomically(
          join(directory.evals, `${session.id}_${record.task}.json`),
          `${JSON.stringify(record, null, 2)}\n`,
        ),
    });
    return records.map(outcomeOf);
  };
}

/** The records in a run directory; other files are ignored. */
async function recordsIn(folder: string): Promise<EvalRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[^.].*\.json$/.test(name));
  const texts = await Promise.all(names.toSorted().map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => {
    const { success, data } = evalRecordSchema.safeParse(parseJson(text));
    return success ? [data] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function planOf(
  { hardware }: EngineSession,
  { limit, questions, examples }: AccuracyCheckOptions,
): { readonly api: 'completions'; readonly plan: EvalPlan } {
  const isCpu = hardware.split('-')[0] === 'cpu';
  const byDefault = isCpu ? questionsByDefault.cpu : questionsByDefault.accelerator;
  const tasks = isCpu ? (['recall', 'agreement'] as const) : (['recall', 'arithmetic', 'agreement'] as const);
  return {
    // Every engine has this API, for models with and without a chat template. Worked examples show the task.
    api: 'completions',
    plan: {
      tasks: questions === undefined ? tasks : [...tasks, 'gsm8k'],
      limit: limit ?? byDefault,
      tolerance: defaultTolerance,
      ...defined({ questions, examples }),
    },
  };
}

function subjectOf(session: EngineSession, conc: number): EvalSubject {
  const entry = session.points[0]?.entry;
  if (entry === undefined) throw new Error(`session ${session.id} has no points`);
  return evalSubject({ ...rowIdentity({ entry, conc, hardware: session.hardware }), model: session.model });
}

function outcomeOf({ task, score, gate }: EvalRecord): CheckOutcome {
  return {
    task,
    verdict: gate.verdict,
    reason: gate.reason,
    ...defined({ score: score ?? undefined }),
  };
}
