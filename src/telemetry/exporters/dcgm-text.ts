import { samplesOf } from '../server/samples.ts';
import { type Quantity, type Reading, readingsOf } from '../source.ts';

/** A quantity, the field of NVIDIA's DCGM exporter that has it, and the factor to our unit. */
type Field = readonly [quantity: Quantity, name: string, factor: number];

const powerField = 'DCGM_FI_DEV_POWER_USAGE';

/** The fields that are read; an exporter publishes those that its configuration lists, at least power by default. */
const fields: readonly Field[] = [
  ['powerW', powerField, 1],
  ['energyJ', 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 1e-3],
  ['utilization', 'DCGM_FI_DEV_GPU_UTIL', 0.01],
  ['memoryUsedBytes', 'DCGM_FI_DEV_FB_USED', 1024 ** 2],
  ['clockMhz', 'DCGM_FI_DEV_SM_CLOCK', 1],
  ['temperatureC', 'DCGM_FI_DEV_GPU_TEMP', 1],
  ['powerLimitW', 'DCGM_FI_DEV_POWER_MGMT_LIMIT', 1],
];

/** DCGM marks values that a GPU does not report by numbers from 2^47 on; no quantity here is as large. */
const firstBlank = 2 ** 47;

/** A GPU as an exporter names it. */
export interface ExportedGpu {
  readonly index: number;
  readonly uuid: string;
}

/** The values of one GPU at one scrape. */
export interface GpuScrape extends ExportedGpu {
  readonly readings: readonly Reading[];
}

/**
 * The GPUs in the text of a DCGM exporter, by index; `deviceOf` names one. Throws if the text has no power of any GPU, or
 * if two GPUs have the same index.
 */
export function gpusIn(text: string, deviceOf: (index: number) => string): GpuScrape[] {
  const gpus = new Map<number, { uuid: string; values: Partial<Record<Quantity, number>> }>();
  for (const [quantity, name, factor] of fields) {
    for (const { labels, value } of samplesOf([text], name)) {
      const index = labelIn(labels, 'gpu');
      const uuid = labelIn(labels, 'UUID');
      if (index === undefined || !/^\d+$/.test(index) || uuid === undefined) continue;
      if (value < 0 || value >= firstBlank) continue;
      const gpu = gpus.get(Number(index)) ?? { uuid, values: {} };
      if (gpu.uuid !== uuid) throw new Error(`GPU ${index} is both ${gpu.uuid} and ${uuid}`);
      gpus.set(Number(index), gpu);
      // The instances of a partitioned GPU all have the power of the whole GPU.
      gpu.values[quantity] ??= factor * value;
    }
  }
  const withPower = [...gpus].filter(([, { values }]) => values.powerW !== undefined);
  if (withPower.length === 0) throw new Error(`it has no ${powerField} of any GPU`);
  return withPower
    .toSorted(([one], [other]) => one - other)
    .map(([index, { uuid, values }]) => ({ index, uuid, readings: readingsOf(deviceOf(index), values) }));
}

function labelIn(labels: string, name: string): string | undefined {
  return new RegExp(`[{,]${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(labels)?.[1];
}
