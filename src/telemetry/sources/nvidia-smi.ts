import { readingsOf, type TelemetrySource } from '../source.ts';

const fields = ['index', 'power.draw', 'utilization.gpu', 'memory.used', 'clocks.sm', 'temperature.gpu'];
const mebibyte = 1024 ** 2;

/** NVIDIA GPUs, by the driver's own tool. */
export const nvidiaSmi: TelemetrySource = {
  name: 'nvidia-smi',
  subject: 'accelerators',
  intervalS: 1,
  read: async (probe, signal) => {
    const query = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
    const output = await probe.run(['nvidia-smi', ...query], signal);
    return output
      .trim()
      .split('\n')
      .flatMap((row) => {
        // A value that a GPU does not have is written as [N/A] or [Not Supported], which are no numbers.
        const [index, powerW, percent, memoryMib, clockMhz, temperatureC] = row.split(',').map(Number);
        if (index === undefined || !Number.isInteger(index)) throw new Error(`unexpected line: ${row}`);
        return readingsOf(`gpu${index}`, {
          powerW,
          utilization: percent === undefined ? undefined : percent / 100,
          memoryUsedBytes: memoryMib === undefined ? undefined : memoryMib * mebibyte,
          clockMhz,
          temperatureC,
        });
      });
  },
};
