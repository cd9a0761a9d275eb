import { defined } from '../defined/defined.ts';
import type { EvalTarget } from './ask.ts';
import { chooseReference, type EvalRecord, type EvalSubject, evalRecord } from './record.ts';
import { type EvalContext, runTask } from './run.ts';
import type { TaskOptions } from './task.ts';
import { type TaskMaterial, type TaskName, taskKinds } from './tasks/index.ts';

/** Which tasks to run, and how many of their questions. */
export interface EvalPlan extends TaskOptions, TaskMaterial {
  readonly tasks: readonly TaskName[];
  /** The largest drop below the reference that still passes. */
  readonly tolerance: number;
}

export interface EvaluateContext extends EvalContext {
  readonly subject: EvalSubject;
  /** Names the engine session, so that it is not compared with itself. */
  readonly source: string;
  /** Earlier records, from which references are chosen. */
  readonly earlier: readonly EvalRecord[];
  readonly now: () => Date;
  /** Called after every task, before the next one, so that answers are stored whatever happens next. */
  readonly onRecord: (record: EvalRecord) => Promise<void>;
}

/** Runs the tasks on a running engine and judges each against its reference, if there is one. */
export async function evaluate(
  target: EvalTarget,
  plan: EvalPlan,
  context: EvaluateContext,
): Promise<EvalRecord[]> {
  const { subject, source, earlier, now } = context;
  const records: EvalRecord[] = [];
  for (const name of plan.tasks) {
    if (context.keepsInterrupted === true && context.signal.aborted) break;
    const { make } = taskKinds[name];
    const { revision } = make(plan, plan);
    const reference = chooseReference(earlier, { subject, task: name, revision, source });
    const task = make(plan, {
      ...plan,
      ...defined({ referenceAnswers: reference === undefined ? undefined : answersOf(reference) }),
    });
    const result = await runTask(target, task, context);
    const held = {
      ...defined({ reference, expected: task.expected }),
    };
    const record = evalRecord(result, subject, { source, now: now(), tolerance: plan.tolerance, ...held });
    await context.onRecord(record);
    records.push(record);
  }
  return records;
}

function answersOf({ items }: EvalRecord): ReadonlyMap<string, string> {
  return new Map(items.flatMap(({ id, answer }) => (answer === undefined ? [] : [[id, answer] as const])));
}
