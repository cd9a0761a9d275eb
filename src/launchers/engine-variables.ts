import { defined } from '../defined/defined.ts';
import { tokenVariable } from './engine-record.ts';
import type { LaunchRequest } from './launcher.ts';
import type { LauncherSettings } from './settings.ts';

/** All that is added to an engine's environment: by the pool, by the recipe, and the token by which it is found again. */
export function engineVariables(
  settings: LauncherSettings,
  { env }: Pick<LaunchRequest, 'env'>,
  token: string,
): Record<string, string> {
  return { ...secretsOf(settings), ...variablesOfPool(settings), ...env, [tokenVariable]: token };
}

/** Of an engine's environment what may be shown: without secrets, and without the token, which no engine reads. */
export function shownVariables(
  settings: LauncherSettings,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const hidden = new Set([...Object.keys(secretsOf(settings)), tokenVariable]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.has(name)));
}

/** What the pool adds to every engine's environment, apart from secrets. */
export function variablesOfPool(settings: LauncherSettings): Record<string, string> {
  const cache = settings['hf-hub-cache'];
  return { ...defined({ HF_HUB_CACHE: cache }), ...settings.env };
}

/** The secrets that are set in the product's own environment; for child environments only, never for an argv. */
function secretsOf({ secrets }: LauncherSettings): Record<string, string> {
  return Object.fromEntries(
    secrets.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}
