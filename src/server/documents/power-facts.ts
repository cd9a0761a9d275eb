import { z } from 'zod';
import type { GpuConstants } from '../../config/index.ts';
import { powerReasons } from '../../power/index.ts';
import { energyPerTokenInterval } from '../../results/index.ts';
import { publicText, publicWord } from '../privacy.ts';

const figure = z.number().nullable().catch(null);
const unknown = figure.default(null);
const figures = z.array(figure);

/** The parts of a raw result that say how much power was used, and how far that figure can be trusted. */
const measuredPower = z.looseObject({
  telemetry: z.looseObject({
    window_s: z.number().positive(),
    power: z.looseObject({
      state: z.literal('measured'),
      source: z.string(),
      of: z.enum(['accelerators', 'cpu']),
      mean_w: z.number(),
      j_per_output_token: unknown,
      devices: z
        .array(
          z.looseObject({
            longest_gap_s: unknown,
            limit_w: unknown,
            capped_share: unknown,
            heat_share: unknown,
            energy_j: unknown,
            counter_energy_j: unknown,
          }),
        )
        .min(1),
    }),
    host_power: z
      .looseObject({ state: z.literal('measured'), source: z.string(), mean_w: z.number() })
      .optional()
      .catch(undefined),
    accelerators: z
      .looseObject({ clock_mhz: z.looseObject({ mean: figure }).optional().catch(undefined) })
      .optional()
      .catch(undefined),
    series: z
      .looseObject({ t_s: z.array(z.number()), power_w: figures })
      .optional()
      .catch(undefined),
  }),
  timeline: z
    .looseObject({ interval_s: z.number().positive(), output_throughput: figures })
    .optional()
    .catch(undefined),
  mean_e2el_ms: unknown,
  window: z.looseObject({ from_s: z.number().nonnegative() }).optional().catch(undefined),
  environment: z
    .looseObject({
      accelerators: z.looseObject({ devices: z.array(z.looseObject({ max_clock_mhz: unknown })) }),
    })
    .optional()
    .catch(undefined),
});

type Measured = z.infer<typeof measuredPower>;

/** From this share of its limit on, a device without further information counts as being at the limit. */
const nearLimit = 0.97;

/** How much power a measurement used, over its window and over time; null if it was not measured. */
export function powerFactsOf(raw: unknown, constants: Pick<GpuConstants, 'specs'> | undefined) {
  const { data } = measuredPower.safeParse(raw);
  return data === undefined
    ? { power: null, overTime: null }
    : { power: powerOf(data, constants), overTime: overTimeOf(data) };
}

/** Whether the power of the DCGM exporters can be used, as a sweep judged it (src/sweep/write-result.ts). */
const judgedPower = z.looseObject({
  power_validation: z.looseObject({ power_valid: z.boolean(), reasons: z.array(z.string()) }),
});

/** Why the power that exporters sampled is not in the row, in words; empty if it is, or if none was sampled. */
export function unusablePowerOf(raw: unknown): string[] {
  const judged = judgedPower.safeParse(raw).data?.power_validation;
  if (judged === undefined || judged.power_valid) return [];
  const meanings = new Map<string, string>(Object.entries(powerReasons));
  return judged.reasons.map((reason) => meanings.get(reason) ?? publicText(reason));
}

function powerOf(measured: Measured, constants: Pick<GpuConstants, 'specs'> | undefined) {
  const { telemetry, environment } = measured;
  const { power, accelerators, host_power: host } = telemetry;
  const { devices } = power;
  const limit = limitOf(measured, constants);
  const counted = devices.flatMap(({ energy_j: sampledJ, counter_energy_j: counterJ }) =>
    sampledJ === null || counterJ === null || counterJ <= 0 ? [] : [sampledJ / counterJ - 1],
  );
  const clocks = environment?.accelerators.devices.flatMap(({ max_clock_mhz: clock }) => clock ?? []) ?? [];
  return {
    of: power.of,
    source: publicWord(power.source) ?? 'its tool',
    devices: devices.length,
    meanW: power.mean_w,
    jPerOutputToken: power.j_per_output_token,
    interval: intervalOf(measured),
    limit,
    atLimit: limit === null ? null : atLimit(measured, limit.w),
    heatShare: meanOfKnown(devices.map(({ heat_share: share }) => share)),
    meanClockMhz: accelerators?.clock_mhz?.mean ?? null,
    maxClockMhz: clocks.length === 0 ? null : Math.max(...clocks),
    longestGapS: maxOfKnown(devices.map(({ longest_gap_s: gap }) => gap)),
    host:
      host === undefined ? null : { meanW: host.mean_w, source: publicWord(host.source) ?? 'its controller' },
    counterDifference: counted.length === 0 ? null : maxOfKnown(counted.map(Math.abs)),
  };
}

/** The power of all devices over the measured window; null without a series. */
function overTimeOf(measured: Measured) {
  const { series, window_s: windowS } = measured.telemetry;
  if (series === undefined || series.power_w.length === 0) return null;
  return {
    fromS: startOf(measured),
    intervalS: windowS / series.power_w.length,
    watts: series.power_w,
  };
}

/** When the measured window starts, in seconds from the first send. */
function startOf({ window }: Measured): number {
  return window === undefined ? 0 : window.from_s;
}

/** The power limit of all devices together: as the driver reported it, or else the vendor's board power. */
function limitOf({ telemetry: { power } }: Measured, constants: Pick<GpuConstants, 'specs'> | undefined) {
  if (power.of !== 'accelerators') return null;
  const read = power.devices.flatMap(({ limit_w: limitW }) => limitW ?? []);
  if (read.length === power.devices.length)
    return { w: read.reduce((sum, limitW) => sum + limitW, 0), from: 'driver' as const };
  const tdpW = constants?.specs.tdpW?.value;
  return tdpW === undefined ? null : { w: tdpW * power.devices.length, from: 'vendor' as const };
}

/** The share of the window in which power limited the clock: as the driver reported it, or else by the power itself. */
function atLimit({ telemetry: { power, series } }: Measured, limitW: number) {
  const reported = meanOfKnown(power.devices.map(({ capped_share: share }) => share));
  if (reported !== null) return { share: reported, by: 'driver' as const };
  const watts = series?.power_w.flatMap((value) => value ?? []) ?? [];
  if (watts.length === 0) return null;
  const share = watts.filter((value) => value >= nearLimit * limitW).length / watts.length;
  return { share, by: 'power' as const };
}

function intervalOf(measured: Measured): [number, number] | null {
  const { telemetry, timeline, mean_e2el_ms: e2elMs } = measured;
  const { window_s: windowS, series } = telemetry;
  // The timeline is that of the whole test.
  if (series === undefined || timeline === undefined || e2elMs === null || startOf(measured) > 0) return null;
  const interval = energyPerTokenInterval({
    windowS,
    power: { startsS: series.t_s, watts: series.power_w },
    tokens: { intervalS: timeline.interval_s, perS: timeline.output_throughput },
    cycleS: e2elMs / 1000,
  });
  return interval === null ? null : [interval[0], interval[1]];
}

function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function maxOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : Math.max(...known);
}
