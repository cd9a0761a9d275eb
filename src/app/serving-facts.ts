import { type GpuConstants, loadGpuConstants } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { engines } from '../engines/index.ts';
import { hasDummyWeights, type MatrixEntry } from '../identity/index.ts';
import { gpuNamed } from '../plan/estimate/index.ts';
import type { RecipeQuestion, ServingFacts } from '../plan/index.ts';
import { engineSourceKind, modelShapeHere, type WantedEngine, type WantedModel } from '../provision/index.ts';
import type { RunnerNodes } from './nodes.ts';

/** What a source of engines is asked for, for a framework. */
export function wantedEngine(framework: string): WantedEngine {
  const installed = engines.find((engine) => engine.framework === framework)?.installed;
  return { program: installed?.program, packages: installed?.packages };
}

/** What a source of weights is asked for, for an entry. */
export function wantedModel(entry: Pick<MatrixEntry, 'framework'>, hubCache?: string): WantedModel {
  const engine = engines.find(({ framework }) => framework === entry.framework);
  return { asFolder: engine?.weights === 'hugging-face', dummy: hasDummyWeights(entry), hubCache };
}

/** What recipes for any model are made from, for entries of a pool. */
export async function servingFacts(
  entry: MatrixEntry,
  pool: string,
  runners: RunnerNodes,
  gpus?: readonly GpuConstants[],
): Promise<ServingFacts> {
  const known = gpuNamed(runners.hardwareOf(pool), gpus ?? (await loadGpuConstants()))?.specs.memoryGb;
  const memoryGb = runners.memoryGbOf(pool) ?? known?.value;
  return {
    hasAccelerators: !runners.isCpu(pool),
    isRunning: engineSourceKind(entry.image) === 'server',
    ...defined({
      model: await modelShapeHere(entry.model, wantedModel(entry)),
      memoryBytes: memoryGb === undefined ? undefined : memoryGb * 1e9,
    }),
  };
}

/** Entries with what their recipes are chosen by and made from; facts that many entries share are gathered once. */
export async function recipeQuestions(
  entries: readonly MatrixEntry[],
  poolOf: (entry: MatrixEntry) => string,
  runners: RunnerNodes,
): Promise<RecipeQuestion[]> {
  const gpus = await loadGpuConstants();
  const known = new Map<string, Promise<ServingFacts>>();
  return await Promise.all(
    entries.map(async (entry) => {
      const pool = poolOf(entry);
      const key = [pool, entry.framework, entry.image, entry.model, entry['load-format']].join(' ');
      const facts = known.get(key) ?? servingFacts(entry, pool, runners, gpus);
      known.set(key, facts);
      return { entry, hardware: runners.hardwareOf(pool), facts: await facts };
    }),
  );
}
