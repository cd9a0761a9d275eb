import type { Telemetry } from './summary.ts';

/** The tolerated relative difference between a device's energy counter and its sampled power (contract F11). */
const tolerance = 0.05;

/**
 * Why the energy of a measurement is doubtful: a device's own counter disagrees with its sampled power by more than the
 * tolerance and one sampling interval can explain. Undefined if they agree, or if there is no counter.
 */
export function doubtOfEnergy({ power }: Pick<Telemetry, 'power'>): string | undefined {
  if (power.state !== 'measured') return undefined;
  for (const {
    device,
    mean_w,
    energy_j,
    counter_energy_j: counterJ,
    longest_gap_s: gapS = 0,
  } of power.devices) {
    if (counterJ === undefined) continue;
    if (Math.abs(energy_j - counterJ) > tolerance * counterJ + gapS * mean_w)
      return `the energy counter of ${device} rose by ${counterJ} J, but its sampled power amounts to ${energy_j} J: the energy per token is uncertain`;
  }
  return undefined;
}
