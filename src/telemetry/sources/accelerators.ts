import { type AcceleratorTool, vendors } from '../../accelerators/index.ts';
import { readingsOf, type TelemetrySource } from '../source.ts';

/** The devices of a node, with one source per vendor tool. A missing tool is reported once. */
export const accelerators: readonly TelemetrySource[] = vendors.flatMap(({ tools }) => tools).map(source);

function source(tool: AcceleratorTool): TelemetrySource {
  return {
    name: tool.program,
    subject: 'accelerators',
    intervalS: 1,
    open: ({ host }) => {
      const read = tool.reader(host);
      return async (timeoutMs) => {
        const devices = await read(timeoutMs);
        return devices.flatMap(({ index, ...values }) => readingsOf(`gpu${index}`, values));
      };
    },
  };
}
