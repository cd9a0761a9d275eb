/**
 * Finds the known GPU of a hardware key: the key itself or its first part, so a suffix such as a framework, a
 * cloud or `disagg` (`h200-trt`, `mi355x_disagg`, `b200-nb_0`) is ignored. Null if it is unknown; `gb200`
 * never matches `b200`.
 */
export function gpuOf(hardwareKey: string, known: Iterable<string>): string | null {
  const first = hardwareKey.toLowerCase().split(/[^a-z0-9]/, 1)[0] ?? '';
  for (const gpu of known) if (gpu === first) return gpu;
  return null;
}

/** The GPU's name with the rest of the key, or the key itself if the GPU is unknown. */
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
