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
