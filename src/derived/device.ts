export type Device = 'GPU' | 'CPU';

/** The device in "per device" figures: CPU if all hardware is CPUs, else GPU. */
export function deviceOf(hardware: readonly string[]): Device {
  return hardware.length > 0 && hardware.every((hw) => /\bcpu\b/i.test(hw.replaceAll(/[-_]/g, ' ')))
    ? 'CPU'
    : 'GPU';
}
