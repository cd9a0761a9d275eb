import type { NodeSettings } from './pool-settings.ts';

type PlaceSettings = Exclude<NodeSettings, { launcher: 'ssh' }>;

/** What the pool adds to every engine's environment, apart from secrets. */
export function poolEnvironment(settings: PlaceSettings): Record<string, string> {
  const cache = settings['hf-hub-cache'];
  return { ...(cache === undefined ? {} : { HF_HUB_CACHE: cache }), ...settings.env };
}

/** The secrets that are set in the product's own environment; for child environments only, never for an argv. */
export function secretsOf(settings: PlaceSettings): Record<string, string> {
  return Object.fromEntries(
    settings.secrets.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}

/** The variables by which an engine sees only the given devices; none where it may have them all. */
export function chosenDevices(
  accelerator: PlaceSettings['accelerator'],
  devices: readonly number[] | undefined,
): Record<string, string> {
  if (devices === undefined || accelerator === 'none') return {};
  const list = devices.join(',');
  return accelerator === 'nvidia' ? { CUDA_VISIBLE_DEVICES: list } : { ROCR_VISIBLE_DEVICES: list };
}
