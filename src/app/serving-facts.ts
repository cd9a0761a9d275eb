import { type GpuConstants, loadGpuConstants } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { engines } from '../engines/index.ts';
import { hasDummyWeights, type MatrixEntry } from '../identity/index.ts';
import { gpuNamed } from '../plan/estimate/index.ts';
import type { RecipeQuestion, ServingFacts } from '../plan/index.ts';
import { engineSourceKind, modelShapeHere, type WantedEngine, type WantedModel } from '../provision/index.ts';
import type { RunnerNodes } from './nodes.ts';

/** The request for a framework's engine to an engine source. */
export function wantedEngine(framework: string): WantedEngine {
  const installed = engines.find((engine) => engine.framework === framework)?.installed;
  return { program: installed?.program, packages: installed?.packages };
}

/** The request for an entry's weights to a model source. */
export function wantedModel(entry: Pick<MatrixEntry, 'framework'>, hubCache?: string): WantedModel {
  const engine = engines.find(({ framework }) => framework === entry.framework);
  return { asFolder: engine?.weights === 'hugging-face', dummy: hasDummyWeights(entry), hubCache };
}

/** The facts from which generic recipes for entries of a pool are made. */
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

/** Adds to entries the facts by which recipes are chosen and made; shared facts are gathered once. */
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
