import { tokenVariable } from './engine-record.ts';
import type { LaunchRequest } from './launcher.ts';
import type { NodeSettings } from './pool-settings.ts';

/** All that is added to an engine's environment: by the pool, by the recipe, and the token by which it is found again. */
export function engineEnvironment(
  settings: PlaceSettings,
  { env, accelerators }: Pick<LaunchRequest, 'env' | 'accelerators'>,
  token: string,
): Record<string, string> {
  return {
    ...secretsOf(settings),
    ...chosenDevices(settings, accelerators),
    ...poolEnvironment(settings),
    ...env,
    [tokenVariable]: token,
  };
}

type PlaceSettings = Exclude<NodeSettings, { launcher: 'ssh' }>;

/** What the pool adds to every engine's environment, apart from secrets. */
export function poolEnvironment(settings: PlaceSettings): Record<string, string> {
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

/**
 * The variables by which an engine sees only the given devices; none where it may have them all, or where docker shows
 * it no others.
 */
function chosenDevices(
  { accelerator, launcher }: PlaceSettings,
  devices: readonly number[] | undefined,
): Record<string, string> {
  if (devices === undefined || accelerator === 'none') return {};
  if (accelerator === 'amd') return { ROCR_VISIBLE_DEVICES: devices.join(',') };
  return launcher === 'docker' ? {} : { CUDA_VISIBLE_DEVICES: devices.join(',') };
}
