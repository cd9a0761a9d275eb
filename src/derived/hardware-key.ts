/**
 * The GPU that a hardware key is, of those that are known: the key itself or its first part, so that a framework, a
 * cloud or `disagg` behind it (`h200-trt`, `mi355x_disagg`, `b200-nb_0`) does not lose the GPU. Null where it is none of
 * them: `gb200` is never taken for `b200`.
 */
export function gpuOf(hardwareKey: string, known: Iterable<string>): string | null {
  const first = hardwareKey.toLowerCase().split(/[^a-z0-9]/, 1)[0] ?? '';
  for (const gpu of known) if (gpu === first) return gpu;
  return null;
}

/** The GPU's name, with what else the key says of the pool; the key itself where it names no known GPU. */
export function hardwareTitle(
  hardwareKey: string,
  gpus: readonly { readonly gpu: string; readonly name: string }[],
): string {
  const gpu = gpuOf(
    hardwareKey,
    gpus.map((one) => one.gpu),
  );
  const name = gpus.find((one) => one.gpu === gpu)?.name;
  if (gpu === null || name === undefined) return hardwareKey === 'cpu' ? 'CPU' : hardwareKey;
  const rest = hardwareKey.slice(gpu.length).replaceAll(/[-_]+/g, ' ').trim();
  return rest === '' ? name : `${name}, ${rest}`;
}
