/** Words in a device name that do not identify the GPU. */
const empty =
  /^(?:nvidia|amd|intel|geforce|quadro|tesla|instinct|radeon|graphics|gpu|generation|\(r\)|\(tm\))$/;
/** Words for its memory, its socket and similar variants. */
const variant =
  /^(?:\d+gb|hbm\d\w*|sxm\d?|pcie|nvl|oam|ada|lovelace|blackwell|hopper|edition|server|workstation|max-q)$/;

/**
 * The name of a GPU in hardware/gpus.yaml and recipes, from its driver's name: `h100` from `NVIDIA H100 80GB HBM3`,
 * `rtx4090` from `NVIDIA GeForce RTX 4090`.
 */
export function gpuKey(deviceName: string, known: readonly string[]): string {
  const words = deviceName.toLowerCase().split(/[\s_/-]+/);
  const listed = words.find((word) => known.includes(word));
  if (listed !== undefined) return listed;
  const telling = words.filter((word) => word !== '' && !empty.test(word) && !variant.test(word));
  const key = telling.slice(0, /^[a-z]+$/.test(telling[0] ?? '') ? 2 : 1).join('');
  return key.replaceAll(/[^a-z0-9]/g, '') || 'gpu';
}
