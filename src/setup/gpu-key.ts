/** Words of a device's name that say nothing about which GPU it is. */
const empty =
  /^(?:nvidia|amd|intel|geforce|quadro|tesla|instinct|radeon|graphics|gpu|generation|\(r\)|\(tm\))$/;
/** Its memory, its socket and the like. */
const variant =
  /^(?:\d+gb|hbm\d\w*|sxm\d?|pcie|nvl|oam|ada|lovelace|blackwell|hopper|edition|server|workstation|max-q)$/;

/**
 * The name of a GPU as hardware/gpus.yaml and recipes have it, of what its driver calls it: `h100` of
 * `NVIDIA H100 80GB HBM3`, `rtx4090` of `NVIDIA GeForce RTX 4090`.
 */
export function gpuKey(deviceName: string, known: readonly string[]): string {
  const words = deviceName.toLowerCase().split(/[\s_/-]+/);
  const listed = words.find((word) => known.includes(word));
  if (listed !== undefined) return listed;
  const telling = words.filter((word) => word !== '' && !empty.test(word) && !variant.test(word));
  const key = telling.slice(0, /^[a-z]+$/.test(telling[0] ?? '') ? 2 : 1).join('');
  return key.replaceAll(/[^a-z0-9]/g, '') || 'gpu';
}
