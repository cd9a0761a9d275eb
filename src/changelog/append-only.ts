import { isDeepStrictEqual } from 'node:util';
import type { Config, MasterConfigs } from '../config/index.ts';
import type { Fault } from '../errors.ts';
import { recipeFingerprint, type Scenario } from '../identity/index.ts';
import { type GeneratedEntry, isAgentic, isMultiNode } from '../matrix/index.ts';

/** The scenarios of each config key that append-only entries name. */
export type AppendScope = ReadonlyMap<string, ReadonlySet<Scenario>>;

/** What is wrong with a change that may only add points: configs or scenarios that it edits and does not name. */
export function scopeFault(base: MasterConfigs, head: MasterConfigs, scope: AppendScope): Fault | undefined {
  const missing = [...scope.keys()].filter((key) => !base.has(key));
  if (missing.length > 0)
    return {
      message: `append-only adds points to what was there before, and ${list(missing)} was not`,
      hint: 'leave append-only out of the entry of a new config',
    };
  const changed = [...new Set([...base.keys(), ...head.keys()])].filter(
    (key) => !isDeepStrictEqual(base.get(key), head.get(key)),
  );
  const unnamed = changed.filter((key) => !scope.has(key));
  if (unnamed.length > 0)
    return {
      message: `append-only: the change edits ${list(unnamed)}, which no entry names`,
      hint: 'make that edit in a separate change',
    };
  for (const key of changed) {
    const fault = scenarioFault(key, base.get(key), head.get(key), scope.get(key) ?? new Set());
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function scenarioFault(
  key: string,
  base: Config | undefined,
  head: Config | undefined,
  named: ReadonlySet<string>,
): Fault | undefined {
  const [before, after] = [scenariosOf(base), scenariosOf(head)];
  for (const scenario of new Set([...before.keys(), ...after.keys()])) {
    if (!before.has(scenario) || !after.has(scenario))
      return {
        message: `append-only: '${key}' has gained or lost the scenario ${scenario}`,
        hint: 'leave append-only out: the scenario is measured as a whole',
      };
    if (!named.has(scenario) && !isDeepStrictEqual(before.get(scenario), after.get(scenario)))
      return {
        message: `append-only: the change edits ${scenario} of '${key}', which no entry names`,
        hint: 'add the scenario to scenario-type, or make that edit in a separate change',
      };
  }
  return undefined;
}

function scenariosOf(config: Config | undefined): Map<string, unknown> {
  return new Map(config !== undefined && 'scenarios' in config ? Object.entries(config.scenarios) : []);
}

/** The points that a matrix has gained, as entries in its order, or why it may not be appended to the one before. */
export function gainedPoints(
  base: readonly GeneratedEntry[],
  head: readonly GeneratedEntry[],
): { readonly entries: readonly GeneratedEntry[] } | { readonly fault: Fault } {
  if (base.length === 0)
    return {
      fault: {
        message: 'append-only adds points to a curve that was there before, and there was none',
        hint: 'leave append-only out, or name a scenario that the config had',
      },
    };
  const fault = lossFault(pointsByRecipe(base), pointsByRecipe(head));
  if (fault !== undefined) return { fault };
  const seen = pointsByRecipe(base);
  const entries = head.flatMap((entry) => newPart(entry, seen));
  if (entries.length === 0)
    return {
      fault: { message: 'append-only: the configs have no new point', hint: 'add one, or leave it out' },
    };
  const stray = entries.find((entry) => !isOnCurve(entry, base));
  if (stray !== undefined)
    return {
      fault: {
        message: `append-only: ${stray['exp-name']} at ${[stray.conc].flat().join(', ')} concurrent is on no curve that was there before with the image ${stray.image} alone`,
        hint: 'points of a new curve, or with a new image, are measured without append-only',
      },
    };
  return { entries };
}

type Points = ReadonlyMap<string, Set<number>>;

/** The concurrencies of each recipe, that is, of all entries that are the same except for concurrency and name. */
function pointsByRecipe(entries: readonly GeneratedEntry[]): Map<string, Set<number>> {
  const points = new Map<string, Set<number>>();
  for (const entry of entries) {
    const recipe = recipeFingerprint(entry);
    points.set(recipe, new Set([...(points.get(recipe) ?? []), ...[entry.conc].flat()]));
  }
  return points;
}

function lossFault(base: Points, head: Points): Fault | undefined {
  const hint = 'keep what was there and add to it, or leave append-only out';
  for (const [recipe, concs] of base) {
    const kept = head.get(recipe);
    if (kept === undefined)
      return { message: 'append-only: the change removes or edits recipes that were there before', hint };
    const lost = [...concs].filter((conc) => !kept.has(conc));
    if (lost.length > 0)
      return {
        message: `append-only: the change drops the concurrency ${lost.join(', ')}; a range has its end as a point only while it ends there`,
        hint,
      };
  }
  return undefined;
}

/** An entry with those of its points that were not seen before; nothing if all were. */
function newPart(entry: GeneratedEntry, seen: Map<string, Set<number>>): GeneratedEntry[] {
  const recipe = recipeFingerprint(entry);
  const known = seen.get(recipe) ?? new Set<number>();
  seen.set(recipe, known);
  const fresh = [entry.conc].flat().filter((conc) => {
    const isNew = !known.has(conc);
    known.add(conc);
    return isNew;
  });
  if (fresh.length === 0) return [];
  return [isMultiNode(entry) ? { ...entry, conc: fresh } : entry];
}

/** Whether a point is on a curve that readers saw before, and all of that curve had the point's image. */
function isOnCurve(entry: GeneratedEntry, base: readonly GeneratedEntry[]): boolean {
  const series = seriesOf(entry);
  const images = new Set(base.filter((old) => seriesOf(old) === series).map(({ image }) => image));
  return images.size === 1 && images.has(entry.image);
}

/** What a page draws as one curve. */
function seriesOf(entry: GeneratedEntry): string {
  const { model, precision, framework, runner } = entry;
  const kind = isAgentic(entry)
    ? ['agentic', (entry['kv-offloading'] ?? 'none') !== 'none']
    : [
        'single turn',
        entry.isl,
        entry.osl,
        (entry['kv-offloading'] ?? 'none') !== 'none',
        entry['spec-decoding'],
      ];
  const hardware = isMultiNode(entry) ? [entry.prefill.hardware, entry.decode.hardware] : [];
  const disagg = 'disagg' in entry && entry.disagg;
  return JSON.stringify([model, entry['model-prefix'], precision, framework, runner, disagg, kind, hardware]);
}

function list(keys: readonly string[]): string {
  return keys.map((key) => `'${key}'`).join(', ');
}
