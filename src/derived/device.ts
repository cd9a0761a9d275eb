export type Device = 'GPU' | 'CPU';

/** What a figure per device is per: hardware without GPUs is CPUs. */
export function deviceOf(hardware: readonly string[]): Device {
  return hardware.length > 0 && hardware.every((hw) => /\bcpu\b/i.test(hw.replaceAll(/[-_]/g, ' ')))
    ? 'CPU'
    : 'GPU';
}
