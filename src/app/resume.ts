import { loadMasterConfigs, loadRunnerPools, type RunnerPools } from '../config/index.ts';
import { InputError, type Problem } from '../errors.ts';
import { testConfigDecisions } from '../matrix/index.ts';
import { isLocked } from '../process/lock.ts';
import { type KeptSweep, type Replan, replan } from '../sweep/index.ts';
import { checkedPlan, checkPlan } from './checked-plan.ts';
import { defaultConfigFiles, defaultRunnerConfig, unreadConfigFiles } from './default-files.ts';
import { decidedOf, locatedEntries } from './located-entries.ts';
import { resumeCommand } from './perform-sweep.ts';
import type { Entries, PlanningOptions } from './planning.ts';

/** Selected configs and the files that define them; omitted files are the default ones. */
export interface NamedConfigs {
  readonly configKeys: readonly string[];
  readonly configFiles?: readonly string[] | undefined;
  readonly runnerConfig?: string | undefined;
}

/**
 * The entries of selected configs. Throws InputError for unknown keys, and names the files that were ignored.
 */
export async function entriesOfConfigs({
  configKeys,
  configFiles,
  runnerConfig,
}: NamedConfigs): Promise<Entries> {
  const files = configFiles ?? defaultConfigFiles();
  const [pools, configs] = await Promise.all([
    loadRunnerPools(runnerConfig ?? defaultRunnerConfig(configFiles)),
    loadMasterConfigs(files),
  ]);
  try {
    const decisions = await decidedOf(() => testConfigDecisions(configs, configKeys, pools), files);
    return locatedEntries(decisions, pools, files);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError([...error.problems, ...(configFiles === undefined ? unreadConfigFiles() : [])]);
  }
}

/** A sweep that continues, with notes about it. */
export interface ResumedSweep extends KeptSweep {
  /** From the file recorded in the sweep, unless another one was given. */
  readonly pools: RunnerPools;
  readonly notes: readonly string[];
  readonly warnings: readonly Problem[];
}

/**
 * Plans a sweep again from its current configs and saves the plan. Throws InputError if they cannot be run or
 * conflict with what was measured already; with `asPlanned`, the configs are ignored.
 */
export async function resumeSweep(
  kept: KeptSweep,
  { asPlanned, ...files }: { readonly asPlanned: boolean } & Omit<NamedConfigs, 'configKeys'>,
): Promise<ResumedSweep> {
  const { sweep, directory } = kept;
  const { origin, sweepId } = sweep;
  const runnerConfig = files.runnerConfig ?? (origin?.kind === 'configs' ? origin.runnerConfig : undefined);
  const pools = await loadRunnerPools(runnerConfig ?? defaultRunnerConfig());
  if (asPlanned || origin?.kind !== 'configs') {
    const why =
      origin === undefined
        ? 'it does not record the configs of its plan'
        : `it was started with ${origin.kind}`;
    return {
      ...kept,
      pools,
      notes: asPlanned
        ? []
        : [`sweep ${sweepId} continues as planned, regardless of its current configs: ${why}`],
      warnings: await checkPlan(sweep.plan, pools),
    };
  }
  if (await isLocked(directory.lock)) return { ...kept, pools, notes: [], warnings: [] };
  const configFiles = files.configFiles ?? origin.configFiles;
  const named = { configKeys: origin.configKeys, configFiles, runnerConfig };
  const { plan, warnings } = await planAgain(sweepId, named, {
    share: origin.share,
    launcher: sweep.plan.launcher,
  });
  const changed = replan(sweep.plan, plan, measuredPoints(sweep.plan, await directory.finished()));
  if (changed === undefined) return { ...kept, pools, notes: [], warnings };
  if (changed.conflicts > 0) throw cannotGoOn(sweepId, changed, origin.configKeys);
  const next = { ...sweep, plan: changed.plan };
  await directory.write(next);
  return { directory, sweep: next, pools, notes: [inWords(changed)], warnings };
}

/** The plan of the current configs. Throws InputError with their problems and the alternatives. */
async function planAgain(sweepId: string, named: NamedConfigs, options: PlanningOptions) {
  try {
    return await checkedPlan(await entriesOfConfigs(named), options, 'run');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const message = `sweep ${sweepId} cannot be planned again with its current configs`;
    const hint = `correct them, or continue with the original plan: \`${asPlannedCommand(sweepId)}\``;
    throw new InputError([...error.problems, { message, hint }]);
  }
}

function asPlannedCommand(sweepId: string): string {
  return `${resumeCommand(sweepId)} --as-planned`;
}

/** Ids of points that were measured at least once. */
function measuredPoints(
  { sessions }: KeptSweep['sweep']['plan'],
  finished: ReadonlyMap<string, string>,
): Set<string> {
  const items = [...finished.keys()];
  const ids = sessions.flatMap(({ points }) => points.map(({ id }) => id));
  return new Set(ids.filter((id) => items.some((item) => item === id || item.startsWith(`${id}_r`))));
}

function inWords({ changes, goOn, added, dropped, kept }: Replan): string {
  const what = changes.length === 0 ? '' : ` (${changes.join('; ')})`;
  return `the configs have changed since this sweep was planned${what}: ${count(goOn, 'continues', 'continue')}, ${count(added, 'is', 'are')} new, ${count(dropped, 'is', 'are')} dropped${kept === 0 ? '' : `, ${count(kept, 'is', 'are')} no longer requested, and kept as measured`}`;
}

function count(points: number, singular: string, plural: string): string {
  return `${points} ${points === 1 ? `point ${singular}` : `points ${plural}`}`;
}

function cannotGoOn(
  sweepId: string,
  { changes, conflicts }: Replan,
  configKeys: readonly string[],
): InputError {
  const what = changes.length === 0 ? '' : ` (${changes.join('; ')})`;
  return new InputError(
    `sweep ${sweepId} cannot continue with the current configs${what}: ${conflicts} of its points ${conflicts === 1 ? 'was' : 'were'} measured with the old configs, and a sweep cannot mix both`,
    `start a new one with \`inferencemax run --config-keys ${configKeys.join(' ')}\`, or continue with the original plan: \`${asPlannedCommand(sweepId)}\``,
    { code: 'sweep-changed' },
  );
}
