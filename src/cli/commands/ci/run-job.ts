import { appendFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { newSweepId } from '../../../app/sweeps.ts';
import { InputError } from '../../../errors.ts';
import { reasonFor } from '../../../schema-words.ts';

const jobSchema = z.object({ id: z.string(), sessions: z.array(z.string()).min(1) });

/** A job of a sweep, as `ci jobs` printed it. */
export type RunnerJob = z.infer<typeof jobSchema>;

/** Parses the job in an environment variable (JSON); throws InputError if it is not a job. */
export function jobOf(variable: string, environment: NodeJS.ProcessEnv): RunnerJob {
  try {
    return jobSchema.parse(JSON.parse(environment[variable] ?? ''));
  } catch (error) {
    throw new InputError(
      `${variable} holds no job: ${reasonFor(error)}`,
      'expected one job printed by `ci jobs`, as JSON',
    );
  }
}

/** The id of a job's sweep; if the job is retried on the same runner, the id is the same. */
export function sweepIdOf(job: RunnerJob, environment: NodeJS.ProcessEnv): string {
  const runId = environment.GITHUB_RUN_ID;
  return runId === undefined ? newSweepId('ci', new Date()) : `ci-${runId}-${job.id}`;
}

/** Passes a value to later steps of a workflow's job; does nothing outside a workflow. */
export async function setOutput(name: string, value: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const file = environment.GITHUB_OUTPUT;
  if (file !== undefined) await appendFile(file, `${name}=${value}\n`);
}

/** The folder for files that must outlive a job's workspace, above all the records of started engines. */
export function runnerStateDir(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'inferencemax');
}
