import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../../atomic-file.ts';
import { parseJson } from '../../bounded-json.ts';
import { bytesOfFile } from '../../bounded-read.ts';
import { defined } from '../../defined/defined.ts';
import { messageOf } from '../../errors.ts';
import { explainLog, type Failure } from '../../failures/index.ts';
import { gpusOfWorker, rowIdentity } from '../../identity/index.ts';
import {
  type EngineExit,
  engineLogs,
  type LaunchContext,
  type Launcher,
  logTail,
} from '../../launchers/index.ts';
import { currentVerdict } from '../../load/index.ts';
import { packageRoot } from '../../package-root.ts';
import { type AggregateRow, aggregateRow } from '../../results/index.ts';
import { explained, explainLogs } from '../engine-failure.ts';
import { SweepDirectory } from '../sweep-directory.ts';
import { type ScriptPoint, scriptResultName, variablesOfScript } from './variables.ts';

export interface ScriptContext extends LaunchContext {
  readonly script: string;
  readonly launcher: Launcher;
  readonly host: string;
  readonly port: number;
  /** The folder for measurements: `raw/`, `agg/`, and one folder per script run. */
  readonly directory: string;
  /** Timeout of the script in seconds, including the start of its server. */
  readonly timeoutS: number;
  /** Whether the script profiles its server, as public scripts do with `PROFILE=1`. */
  readonly profile: boolean;
}

export type ScriptOutcome =
  | {
      readonly state: 'finished';
      readonly resultFilename: string;
      readonly row: AggregateRow;
      readonly verdict: string;
    }
  | { readonly state: 'failed'; readonly resultFilename: string; readonly failure: Failure };

/**
 * Runs a benchmark script for one point, keeps the `<RESULT_FILENAME>.json` that it wrote, and makes the
 * aggregate row. Stops everything that the script left running. Throws the signal's reason if interrupted.
 */
export async function measureByScript(point: ScriptPoint, context: ScriptContext): Promise<ScriptOutcome> {
  const resultFilename = scriptResultName(point);
  const workDir = join(context.directory, 'scripts', resultFilename);
  const logPath = join(workDir, 'script.log');
  const failed = async (failureClass: Failure['failureClass'], message: string): Promise<ScriptOutcome> => ({
    state: 'failed',
    resultFilename,
    failure: {
      ...explained({ failureClass, message }, await causeIn(logPath)),
      logTail: await logTail(logPath),
    },
  });
  const exit = await runToEnd(point, context, workDir, logPath);
  context.signal.throwIfAborted();
  if (exit === undefined)
    return await failed('load-test', `the script had not ended after ${context.timeoutS} s`);
  const rawFile = join(workDir, `${resultFilename}.json`);
  const text = await writtenByScript(rawFile);
  // A script exits with 1 after an invalid measurement; its result is still kept.
  if (text !== undefined)
    await writeFileAtomically(join(context.directory, 'raw', `${resultFilename}.json`), text);
  if (text !== undefined) await keepTraces(text, workDir, new SweepDirectory(context.directory));
  const invalid = text === undefined ? undefined : whyInvalid(text);
  if (invalid !== undefined) return await failed('invalid-measurement', invalid);
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  if (exit.code !== 0)
    return await failed('load-test', exit.reason?.message ?? `the script exited with ${how}`);
  if (text === undefined) {
    return await failed(
      'load-test',
      `the script succeeded but did not write ${resultFilename}.json in ${workDir}`,
    );
  }
  try {
    const raw = parseJson(text);
    const { entry, hardware } = point;
    const row = aggregateRow(raw, rowIdentity({ entry, conc: entry.conc, hardware }));
    const rowFile = join(context.directory, 'agg', `agg_${resultFilename}.json`);
    await writeFileAtomically(rowFile, `${JSON.stringify(row, null, 2)}\n`);
    return { state: 'finished', resultFilename, row, verdict: verdictIn(raw) };
  } catch (error) {
    return await failed('load-test', `${resultFilename}.json is not a result: ${messageOf(error)}`);
  }
}

/** The cause of a failure from the log of the script or its server, if known. */
async function causeIn(logPath: string) {
  const told = explainLogs(await engineLogs({ logPath }), {}, explainLog);
  return told?.meaning === undefined ? undefined : told;
}

const longestResult = 256 * 1024 * 1024;

/** Reads a file that a script wrote; undefined unless it is a regular file of a plausible size. */
async function writtenByScript(path: string): Promise<string | undefined> {
  const bytes = await bytesOfFile(path, longestResult, { followLinks: false }).catch(() => undefined);
  return bytes?.toString('utf8');
}

const profiled = z.object({ profile_files: z.array(z.string()) });

/** Copies the traces that a script's result names from the script's folder into that of the sweep's profiles. */
async function keepTraces(text: string, workDir: string, { profiles }: SweepDirectory): Promise<void> {
  const { data } = profiled.safeParse(valueIn(text));
  if (data === undefined) return;
  await mkdir(profiles, { recursive: true });
  for (const name of data.profile_files.map((file) => basename(file)))
    await copyFile(join(workDir, name), join(profiles, name)).catch(() => {});
}

/** Undefined if the deadline passed first. All processes are stopped when this returns. */
async function runToEnd(
  point: ScriptPoint,
  { launcher, script, host, port, timeoutS, profile, ...context }: ScriptContext,
  workDir: string,
  logPath: string,
): Promise<EngineExit | undefined> {
  const sessionId = scriptResultName(point);
  const { image } = point.entry;
  const acceleratorCount = gpusOfWorker(point.entry);
  const place = await launcher.reserve(
    { sessionId, image, acceleratorCount, nodeCount: 1, workDir },
    context,
  );
  try {
    const lib = join(packageRoot, 'benchmarks', 'with_benchmark_lib.sh');
    const running = await place.start(
      {
        sessionId,
        argv: ['bash', resolve(script)],
        env: {
          ...variablesOfScript(point, port),
          BASH_ENV: lib,
          INFERENCEMAX_NODE: process.execPath,
          INFERENCEMAX_BIN: join(packageRoot, 'bin', 'inferencemax.js'),
          INFERENCEMAX_WORKSPACE: workDir,
          ...defined({ PROFILE: profile ? '1' : undefined }),
        },
        host,
        port,
        logPath,
      },
      context,
    );
    const late = new AbortController();
    const enough = AbortSignal.any([context.signal, late.signal]);
    try {
      return await Promise.race([
        running.exited,
        delay(timeoutS * 1000, undefined, { signal: enough }).catch(() => undefined),
      ]);
    } finally {
      late.abort();
      await running.stop();
    }
  } finally {
    await place.release();
  }
}

const fidelity = z.object({
  fidelity: z.object({ verdict: z.string(), reasons: z.array(z.unknown()).optional() }),
});

/** The verdict of a result as in the store: without one, it is unchecked. */
function verdictIn(raw: unknown): string {
  return currentVerdict(fidelity.safeParse(raw).data?.fidelity.verdict ?? 'unchecked');
}

/** Why a raw result must not be published; undefined if it may be, has no verdict, or cannot be read. */
function whyInvalid(text: string): string | undefined {
  const { success, data } = fidelity.safeParse(valueIn(text));
  if (!success || data.fidelity.verdict !== 'invalid') return undefined;
  return `the measurement is invalid: ${(data.fidelity.reasons ?? []).map((reason) => (typeof reason === 'string' ? reason : JSON.stringify(reason))).join('; ')}`;
}

function valueIn(json: string): unknown {
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}
