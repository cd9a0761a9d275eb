import { constantsAsOf } from '../../../src/derived/constants-as-of.ts';
import type { HardwareDocument } from '../../../src/server/api.ts';

/** The hardware with the prices and the power as they were known in a month; an empty month means the newest. */
export function hardwareAsOf(hardware: HardwareDocument, month: string): HardwareDocument {
  if (month === '') return hardware;
  return { ...hardware, gpus: hardware.gpus.map((constants) => constantsAsOf(constants, month)) };
}
