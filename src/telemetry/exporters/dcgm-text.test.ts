import { expect, test } from 'vitest';
import { gpusIn } from './dcgm-text.ts';

/* Lines of dcgm-exporter 4 on a node with two GPUs. */
const labels = (gpu: number, uuid = `GPU-0a1b2c3d-${gpu}`) =>
  `{gpu="${gpu}",UUID="${uuid}",pci_bus_id="00000000:1B:00.0",device="nvidia${gpu}",modelName="NVIDIA H100 80GB HBM3",Hostname="node-a",DCGM_FI_DRIVER_VERSION="570.124.06"}`;
const text = `# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).
# TYPE DCGM_FI_DEV_POWER_USAGE gauge
DCGM_FI_DEV_POWER_USAGE${labels(10)} 71.302000
DCGM_FI_DEV_POWER_USAGE${labels(2)} 690.123000
# HELP DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION Total energy consumption since boot (in mJ).
# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION${labels(2)} 5163480391
DCGM_FI_DEV_GPU_UTIL${labels(2)} 97
`;
const device = (index: number) => `gpu${index}`;

test('GPUs by index, with their UUIDs and values in our units', () => {
  const [first, second, ...others] = gpusIn(text, device);
  expect(first).toEqual({
    index: 2,
    uuid: 'GPU-0a1b2c3d-2',
    readings: [
      { quantity: 'powerW', device: 'gpu2', value: 690.123 },
      { quantity: 'energyJ', device: 'gpu2', value: 5_163_480.391 },
      { quantity: 'utilization', device: 'gpu2', value: 0.97 },
    ],
  });
  expect(second).toMatchObject({ index: 10, readings: [{ quantity: 'powerW', value: 71.302 }] });
  expect(others).toEqual([]);
});

test('the instances of a partitioned GPU are one GPU', () => {
  const instance = (id: number) =>
    `DCGM_FI_DEV_POWER_USAGE${labels(0).replace('}', `,GPU_I_PROFILE="1g.10gb",GPU_I_ID="${id}"}`)} 300.5\n`;
  expect(gpusIn(instance(7) + instance(8), device)).toMatchObject([
    { index: 0, readings: [{ value: 300.5 }] },
  ]);
});

test.each([
  ['no power', 'DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-a"} 40\n', 'no DCGM_FI_DEV_POWER_USAGE'],
  ['another page', '<html><body>DCGM_FI_DEV_POWER_USAGE</body></html>', 'no DCGM_FI_DEV_POWER_USAGE'],
  [
    'a value that the GPU does not report',
    `DCGM_FI_DEV_POWER_USAGE${labels(0)} 140737488355328.000000\n`,
    'no DCGM_FI_DEV_POWER_USAGE',
  ],
  ['a power below zero', `DCGM_FI_DEV_POWER_USAGE${labels(0)} -1\n`, 'no DCGM_FI_DEV_POWER_USAGE'],
  ['no number', `DCGM_FI_DEV_POWER_USAGE${labels(0)} NaN\n`, 'no DCGM_FI_DEV_POWER_USAGE'],
  [
    'two GPUs of one index',
    `DCGM_FI_DEV_POWER_USAGE${labels(0, 'GPU-a')} 1\nDCGM_FI_DEV_POWER_USAGE${labels(0, 'GPU-b')} 1\n`,
    'GPU 0 is both GPU-a and GPU-b',
  ],
])('%s is not power', (_, answer, message) => {
  expect(() => gpusIn(answer, device)).toThrow(message);
});
