import type { PowerSample } from '../samples.ts';
import { cellsOf } from '../table.ts';

export const samplesHeader = 'schema_version,timestamp_unix,scrape_seq,hostname,gpu_index,gpu_uuid,power_w';

/** A line of `samples.csv`: the power of one GPU at one scrape of all exporters. */
export interface SampleRow extends PowerSample {
  readonly scrape: number;
  readonly hostname: string;
  readonly gpuIndex: number;
  readonly uuid: string;
}

/** A GPU and its samples. */
export interface SampledGpu {
  readonly hostname: string;
  readonly gpuIndex: number;
  /** Several if the device at this index changed. */
  readonly uuids: readonly string[];
  /** In order of time. */
  readonly samples: readonly PowerSample[];
}

export interface NodeSamples {
  /** By node and index. */
  readonly gpus: readonly SampledGpu[];
  readonly rowCount: number;
  /** Lower bound of the number of scrapes. */
  readonly leastScrapes: number;
  readonly faults: readonly string[];
}

/** Reads `samples.csv` of a package (contract F11); `text` is undefined if the package has no such file. */
export function nodeSamplesOf(text: string | undefined): NodeSamples {
  if (text === undefined) return nothing('samples_csv_missing');
  const [first, ...lines] = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (first !== samplesHeader) return nothing('samples_csv_header_mismatch');
  const rows = new Map<string, SampleRow>();
  let [malformed, twice, scrapes] = [false, false, 0];
  for (const line of lines) {
    const row = rowOf(line);
    const key = row === undefined ? '' : `${row.scrape} ${gpuKey(row)}`;
    if (row === undefined) malformed = true;
    else if (rows.has(key)) twice = true;
    else {
      rows.set(key, row);
      scrapes = Math.max(scrapes, row.scrape + 1);
    }
  }
  const gpus = [...Map.groupBy(rows.values(), gpuKey).values()].map((of) =>
    of.toSorted((one, other) => one.scrape - other.scrape),
  );
  const backwards = gpus.some((of) =>
    of.some((row, index) => row.atS <= (of[index - 1]?.atS ?? Number.NEGATIVE_INFINITY)),
  );
  const faults: [fault: string, isThere: boolean][] = [
    ['samples_csv_malformed', malformed],
    ['duplicate_sample_row', twice],
    ['timestamp_non_monotonic', backwards],
  ];
  return {
    gpus: gpus.flatMap(sampledGpu).toSorted(byGpu),
    rowCount: rows.size,
    leastScrapes: scrapes,
    faults: faults.flatMap(([fault, isThere]) => (isThere ? [fault] : [])),
  };
}

/** The key of a GPU: the node's name and the GPU's index on it. */
export function gpuKey({
  hostname,
  gpuIndex,
}: {
  readonly hostname: string;
  readonly gpuIndex: number;
}): string {
  return `${hostname}/${gpuIndex}`;
}

type GpuPlace = Pick<SampledGpu, 'hostname' | 'gpuIndex'>;

export function byGpu(one: GpuPlace, other: GpuPlace): number {
  if (one.hostname === other.hostname) return one.gpuIndex - other.gpuIndex;
  return one.hostname < other.hostname ? -1 : 1;
}

function nothing(fault: string): NodeSamples {
  return { gpus: [], rowCount: 0, leastScrapes: 0, faults: [fault] };
}

function rowOf(line: string): SampleRow | undefined {
  const [version, time, scrape, hostname, index, uuid, power, ...more] = cellsOf(line);
  const [atS, powerW] = [numberIn(time), numberIn(power)];
  const [readScrape, gpuIndex] = [wholeIn(scrape), wholeIn(index)];
  if (more.length > 0 || wholeIn(version) !== 1 || !hostname || !uuid) return undefined;
  if (atS === undefined || powerW === undefined || powerW < 0) return undefined;
  if (readScrape === undefined || gpuIndex === undefined) return undefined;
  return { atS, scrape: readScrape, hostname, gpuIndex, uuid, powerW };
}

function numberIn(cell: string | undefined): number | undefined {
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(cell ?? '')) return undefined;
  const number = Number(cell);
  return Number.isFinite(number) ? number : undefined;
}

function wholeIn(cell: string | undefined): number | undefined {
  return /^\s*\+?\d+\s*$/.test(cell ?? '') ? Number(cell) : undefined;
}

/** Of the rows of one GPU. */
function sampledGpu(rows: readonly SampleRow[]): SampledGpu[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { hostname, gpuIndex } = first;
  const uuids = [...new Set(rows.map(({ uuid }) => uuid))];
  const samples = rows
    .map(({ atS, powerW }) => ({ atS, powerW }))
    .toSorted((one, other) => one.atS - other.atS);
  return [{ hostname, gpuIndex, uuids, samples }];
}
