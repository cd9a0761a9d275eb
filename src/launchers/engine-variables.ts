import { defined } from '../defined/defined.ts';
import { tokenVariable } from './engine-record.ts';
import type { LaunchRequest } from './launcher.ts';
import type { LauncherSettings } from './settings.ts';

/** All variables added to an engine's environment: from the pool, from the recipe, and the token that identifies it. */
export function engineVariables(
  settings: LauncherSettings,
  { env }: Pick<LaunchRequest, 'env'>,
  token: string,
): Record<string, string> {
  return { ...secretsOf(settings), ...variablesOfPool(settings), ...env, [tokenVariable]: token };
}

/** The variables that may be shown: without secrets, and without the token, which engines do not use. */
export function shownVariables(
  settings: LauncherSettings,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const hidden = new Set([...Object.keys(secretsOf(settings)), tokenVariable]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.has(name)));
}

/** The variables that a pool adds to every engine's environment, except secrets. */
export function variablesOfPool(settings: LauncherSettings): Record<string, string> {
  const cache = settings['hf-hub-cache'];
  return { ...defined({ HF_HUB_CACHE: cache }), ...settings.env };
}

/** The secrets that are set in this process's environment. Pass them only in a child's environment, never in argv. */
function secretsOf({ secrets }: LauncherSettings): Record<string, string> {
  return Object.fromEntries(
    secrets.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}
