import { z } from 'zod';
import { gpusOfRow, type RowIdentity } from '../identity/index.ts';
import { recordedPower } from '../power/index.ts';

/** Our own raw result, as far as it is needed to compute power; older ones do not record how well readings cover the window. */
const recorded = z.looseObject({
  fidelity: z.looseObject({}),
  started_at: z.number(),
  duration: z.number(),
  window: z.looseObject({ from_s: z.number() }).optional().catch(undefined),
  output_throughput: z.number().nullish(),
  total_token_throughput: z.number().nullish(),
  telemetry: z.looseObject({
    power: z.looseObject({
      state: z.literal('measured'),
      of: z.literal('accelerators'),
      devices: z.array(
        z.looseObject({ energy_j: z.number(), covers_window: z.boolean(), longest_gap_s: z.number() }),
      ),
    }),
  }),
});

/** The power fields of a row, from the telemetry in our own raw result; empty if it has no accelerator power. */
export function powerInRow(raw: unknown, identity: RowIdentity): Readonly<Record<string, number>> {
  const { data } = recorded.safeParse(raw);
  // What was recorded is the power of one node.
  if (data === undefined || identity.is_multinode) return {};
  const { duration, telemetry } = data;
  const gpus = telemetry.power.devices.map((device) => ({
    energyJ: device.energy_j,
    coversWindow: device.covers_window,
    longestGapS: device.longest_gap_s,
  }));
  const startS = data.started_at + (data.window === undefined ? 0 : data.window.from_s);
  const window = { benchmark_start_time_unix: startS, benchmark_end_time_unix: startS + duration };
  return recordedPower(gpus, { ...data, ...tokensOf(data), ...window }, gpusOfRow(identity).all);
}

/** The power of the whole machine of every node, as a management controller reports it. */
const recordedHost = z.looseObject({
  telemetry: z.looseObject({
    host_power: z.looseObject({
      state: z.literal('measured'),
      source: z.string(),
      of: z.literal('chassis'),
      mean_w: z.number(),
      devices: z.array(z.looseObject({ covers_window: z.boolean(), longest_gap_s: z.number() })).min(1),
    }),
  }),
});

/** Controllers average over seconds to a minute, so readings may be this far apart. */
const longestHostGapS = 60;

/**
 * The power of the hosts in a row, beside that of the GPUs; empty if it was not read, or if readings do not cover the
 * window. Public rows do not have it.
 */
export function hostPowerInRow(raw: unknown): Readonly<Record<string, number | string>> {
  const power = recordedHost.safeParse(raw).data?.telemetry.host_power;
  const isCovered = power?.devices.every(
    ({ covers_window: covers, longest_gap_s: gapS }) => covers && gapS <= longestHostGapS,
  );
  if (power === undefined || isCovered !== true) return {};
  return { avg_host_power_w: power.mean_w, host_power_source: power.source };
}

/** In a part of a test, the tokens that the server made in it: the totals are those of the requests sent in it. */
function tokensOf({ window, duration, ...data }: z.infer<typeof recorded>) {
  const { output_throughput: output, total_token_throughput: total } = data;
  if (window === undefined) return {};
  const isKnown = typeof output === 'number' && typeof total === 'number';
  return {
    total_output_tokens: isKnown ? Math.round(output * duration) : null,
    total_input_tokens: isKnown ? Math.round((total - output) * duration) : null,
  };
}
