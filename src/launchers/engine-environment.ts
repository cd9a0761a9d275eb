import { tokenVariable } from './engine-record.ts';
import type { LaunchRequest } from './launcher.ts';
import type { DockerSettings, LocalSettings, SlurmSettings } from './pool-settings.ts';

/** All that is added to an engine's environment: by the pool, by the recipe, and the token by which it is found again. */
export function engineEnvironment(
  settings: PlaceSettings,
  { env }: Pick<LaunchRequest, 'env'>,
  token: string,
): Record<string, string> {
  return {
    ...secretsOf(settings),
    ...poolEnvironment(settings),
    ...env,
    [tokenVariable]: token,
  };
}

type PlaceSettings = LocalSettings | DockerSettings | SlurmSettings;

/** What the pool adds to every engine's environment, apart from secrets. */
function poolEnvironment(settings: PlaceSettings): Record<string, string> {
  const cache = settings['hf-hub-cache'];
  return { ...(cache === undefined ? {} : { HF_HUB_CACHE: cache }), ...settings.env };
}

/** The secrets that are set in the product's own environment; for child environments only, never for an argv. */
function secretsOf(settings: PlaceSettings): Record<string, string> {
  return Object.fromEntries(
    settings.secrets.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}
