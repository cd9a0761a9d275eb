import type { TelemetrySource } from '../source.ts';
import { accelerators } from './accelerators.ts';
import { engineMetrics } from './engine-metrics.ts';
import { ipmi } from './ipmi.ts';
import { proc } from './proc.ts';
import { rapl } from './rapl.ts';
import { redfish } from './redfish.ts';

/** All sources. To add one, add its file and a line here. */
export const telemetrySources: readonly TelemetrySource[] = [
  ...accelerators,
  rapl,
  redfish,
  ipmi,
  proc,
  engineMetrics,
];
