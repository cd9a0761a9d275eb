import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { StateFolder } from '../../../app/state-folder.ts';
import { newSweepId } from '../../../app/sweep-id.ts';
import { InputError, messageOf } from '../../../errors.ts';
import { RunDirectory, type Sweep } from '../../../sweep/index.ts';

const jobSchema = z.object({ id: z.string(), sessions: z.array(z.string()).min(1) });

/** A job of a sweep as `ci jobs` printed it. */
export type RunnerJob = z.infer<typeof jobSchema>;

/** Reads the job that an environment variable holds as JSON; throws InputError when it holds none. */
export function jobOf(variable: string, environment: NodeJS.ProcessEnv): RunnerJob {
  try {
    return jobSchema.parse(JSON.parse(environment[variable] ?? ''));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new InputError(
      `${variable} holds no job: ${reason}`,
      'expected one of what `ci jobs` prints, as JSON',
    );
  }
}

/**
 * The sweep of a job: on a runner that began it before and was cut off, the same one, so that what is measured is kept.
 */
export async function sweepOfJob(
  state: StateFolder,
  job: RunnerJob,
  asked: Pick<Sweep, 'plan'>,
  environment: NodeJS.ProcessEnv,
): Promise<{ directory: RunDirectory; sweep: Sweep }> {
  const now = new Date();
  const runId = environment.GITHUB_RUN_ID;
  const sweepId = runId === undefined ? newSweepId('ci', now) : `ci-${runId}-${job.id}`;
  const directory = new RunDirectory(join(state.runs, sweepId));
  if (existsSync(directory.path)) return { directory, sweep: await directory.read() };
  const sweep: Sweep = { sweepId, createdAt: now.toISOString(), command: 'ci run', ...asked };
  await directory.create(sweep);
  return { directory, sweep };
}

/** Hands a value on to the next steps of a workflow's job; outside one there is nobody to hand it to. */
export async function setOutput(name: string, value: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const file = environment.GITHUB_OUTPUT;
  if (file !== undefined) await appendFile(file, `${name}=${value}\n`);
}

/** Where a runner keeps what must outlive a job's workspace: above all the records of started engines. */
export function runnerStateDir(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'inferencemax');
}
