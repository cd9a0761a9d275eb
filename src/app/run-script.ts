import { existsSync } from 'node:fs';
import { InputError } from '../errors.ts';
import { isMultiNode, type SingleNodeEntry } from '../identity/index.ts';
import { type LauncherKind, launcherFor, listenAddress, loadPool, withLauncher } from '../launchers/index.ts';
import { measureByScript, type ScriptOutcome, type ScriptPoint } from '../sweep/index.ts';
import { runnersFolder } from './default-files.ts';
import type { FinishedResult } from './finished-results.ts';
import type { UseCaseHost } from './host.ts';
import { keepResults, resultsOf } from './keep-results.ts';
import { type Entries, hardwareNames, poolNameOf } from './planning.ts';
import type { StateFolder } from './state-folder.ts';

export interface ScriptRunOptions {
  readonly state: StateFolder;
  /** Location of the store. */
  readonly store: string;
  readonly script: string;
  readonly timeoutS: number;
  /** Whether the script profiles its server. */
  readonly profile: boolean;
  /** Overrides the pool's port. */
  readonly port?: number;
  /** Overrides the launcher in the pool's file. */
  readonly launcher?: LauncherKind | undefined;
}

/** The results of measuring with a script. */
export interface ScriptRun {
  readonly directory: string;
  readonly points: number;
  readonly outcomes: readonly ScriptOutcome[];
  readonly results: readonly FinishedResult[];
  readonly interrupted: boolean;
}

/** Measures entries one by one with a benchmark script that starts its own server, and keeps the results. */
export async function performScript(
  { entries, pools }: Entries,
  options: ScriptRunOptions,
  host: UseCaseHost,
): Promise<ScriptRun> {
  const { note } = host;
  if (!existsSync(options.script))
    throw new InputError(`script ${options.script} does not exist`, undefined, { code: 'file-unreadable' });
  const poolOf = poolNameOf(pools);
  const hardwareOf = await hardwareNames(entries, pools);
  const points = entries.map((entry): ScriptPoint => {
    if (isMultiNode(entry))
      throw new InputError(
        `${entry['exp-name']} spans nodes, but a script runs on one node`,
        'select single-node configs',
        { code: 'not-measurable' },
      );
    const pool = poolOf(entry);
    const node = entry.runner === pool ? pools.get(pool)?.[0] : entry.runner;
    return { entry, hardware: hardwareOf(entry), node: node ?? pool };
  });
  const kept = resultsOf(options.state, 'script');
  const directory = kept.directory.path;
  note(`measuring ${points.length} points with ${options.script} in ${directory}`);
  const outcomes: ScriptOutcome[] = [];
  const interrupted = await host.interruptible(async (signal) => {
    for (const [index, point] of points.entries()) {
      if (signal.aborted) break;
      note(`point ${index + 1} of ${points.length}: ${inWords(point.entry)}`);
      try {
        const pool = poolOf(point.entry);
        const outcome = await measure(point, directory, { ...options, pool, signal, note });
        outcomes.push(outcome);
        note(toldOf(outcome));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
    return signal.aborted;
  });
  const results = outcomes.flatMap((outcome) =>
    outcome.state === 'finished' ? [{ row: outcome.row, verdict: outcome.verdict }] : [],
  );
  if (outcomes.length > 0)
    await keepResults(
      kept,
      results.map(({ row }) => row),
      options.store,
      note,
    );
  return { directory, points: points.length, outcomes, results, interrupted };
}

type Note = UseCaseHost['note'];

async function measure(
  point: ScriptPoint,
  directory: string,
  {
    state,
    script,
    timeoutS,
    profile,
    signal,
    note,
    ...options
  }: ScriptRunOptions & { readonly pool: string; readonly signal: AbortSignal; readonly note: Note },
): Promise<ScriptOutcome> {
  const pool = await loadPool(options.pool, runnersFolder());
  const own = pool.settingsFor(point.node);
  const settings = options.launcher === undefined ? own : withLauncher(own, options.launcher);
  const launcher = launcherFor(settings, { recordFolder: state.engineRecords });
  if (launcher.runs !== 'provisioned engines') {
    throw new InputError(
      `${pool.file} starts engines with ${settings.launcher}, in containers or on another host, where a script cannot use the load generator`,
      'run it on the node itself, with a local pool or --launcher local',
      { code: 'not-measurable' },
    );
  }
  for (const { sessionId } of await launcher.endOrphans()) note(`stopped leftovers of ${sessionId}`);
  const { host, port } = listenAddress(settings);
  return await measureByScript(point, {
    script,
    launcher,
    host,
    port: options.port ?? port,
    directory,
    timeoutS,
    profile,
    signal,
    onProgress: ({ what, timeoutS: atMostS }) => note(`waiting for ${what}, at most ${atMostS} s`),
  });
}

function inWords({ isl, osl, conc, tp }: SingleNodeEntry): string {
  return `${isl}/${osl} at concurrency ${conc}, tp ${tp}`;
}

function toldOf(outcome: ScriptOutcome): string {
  if (outcome.state === 'finished') return `finished ${outcome.resultFilename}`;
  const { failureClass, message, logTail = '' } = outcome.failure;
  const lines = logTail
    .split('\n')
    .slice(-10)
    .map((line) => `    | ${line}\n`);
  return `failed (${failureClass}): ${message}\n  the script's last lines:\n${lines.join('')}`.trimEnd();
}
