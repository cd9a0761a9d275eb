/** A table of comma-separated cells, as the tools of GPUs write it. */
export interface Table {
  /** In lower case. */
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads a table whose first line names its columns; empty lines are left out. */
export function tableOf(text: string): Table {
  const [header = [], ...rows] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((cell) => cell.trim()));
  return { names: header.map((name) => name.toLowerCase()), rows };
}

/** The column that names the GPU, which is called exactly so; -1 without one. */
export function gpuColumn(names: readonly string[]): number {
  return names.findIndex((name) => /^(index|gpu|gpu_id|gpu_index|card|device)$/.test(name));
}
