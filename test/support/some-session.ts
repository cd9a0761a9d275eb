import type { MatrixEntry } from '../../src/identity/index.ts';
import { type EngineSession, loadRecipes, planSessions } from '../../src/plan/index.ts';
import { someEntry } from './some-entry.ts';

/** One small point for a built-in recipe. */
export const somePlannableEntry: MatrixEntry = {
  ...someEntry,
  image: 'npm:x@1',
  model: 'm',
  'model-prefix': 'smollm2',
  precision: 'q4',
  framework: 'llama.cpp',
  runner: 'cpu',
  isl: 16,
  osl: 16,
  tp: 1,
  conc: 2,
  'max-model-len': 232,
  'exp-name': 'smollm2_16_16',
};

/** The session of that point, planned with its recipe. */
export async function someSession(): Promise<EngineSession> {
  const recipes = await loadRecipes([{ entry: somePlannableEntry, hardware: 'cpu' }]);
  const { sessions } = planSessions([somePlannableEntry], { recipes, hardwareOf: () => 'cpu' });
  const [session] = sessions;
  if (session === undefined) throw new Error('no session');
  return session;
}
