import type { Vendor } from './vendor.ts';

/** A node without accelerators; its engines run on CPUs. */
export const none: Vendor = {
  name: 'none',
  hasDevices: false,
  tools: [],
  visibleDevices: [],
  containers: { flags: [] },
};
