import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Host, HostFailure, thisMachine } from '../hosts/index.ts';
import { amd } from './amd/index.ts';
import { acceleratorUse, whatIsBusy, whatIsUnknown } from './index.ts';
import { nvidia } from './nvidia/index.ts';

const recorded = (name: string) => readFileSync(join(import.meta.dirname, 'testdata', name), 'utf8');
const answering = (choose: (argv: readonly string[]) => string): Host => ({
  ...thisMachine,
  run: async (argv) => ({ code: 0, stdout: choose(argv), stderr: '' }),
});

const busyNvidia = answering((argv) =>
  recorded(argv.join(' ').includes('compute-apps') ? 'nvidia-smi-processes.txt' : 'nvidia-smi-gpus.txt'),
);

test('nvidia-smi reports the devices and their processes', async () => {
  const found = await acceleratorUse(nvidia, busyNvidia);
  expect(found.devices.map(({ index, memoryUsedMib }) => [index, memoryUsedMib])).toEqual([
    [0, 4],
    [1, 129_884],
    [2, 129_884],
    [3, 4],
  ]);
  expect(whatIsBusy(found)).toEqual([
    'process 418233 (/usr/bin/python3) holds 126.8 GiB',
    'process 418234 (/usr/bin/python3) holds 126.8 GiB',
  ]);
});

test('memory that no listed process holds keeps a device busy, too', async () => {
  const query = answering((argv) =>
    argv.join(' ').includes('compute-apps') ? '' : recorded('nvidia-smi-gpus.txt'),
  );
  const found = await acceleratorUse(nvidia, query);
  expect(whatIsBusy(found)).toEqual([
    'GPU 1 has 126.8 GiB in use by no listed process',
    'GPU 2 has 126.8 GiB in use by no listed process',
  ]);
});

const amdSmi = (processes: string) => (argv: readonly string[]) =>
  argv.includes('process') ? processes : recorded('amd-smi-metric.json');
/** A node that has only one of the vendor's tools. */
const having = (tool: string, { stdout }: { readonly stdout: string }): Host => ({
  ...thisMachine,
  run: async ([command = '']) => {
    if (command === tool) return { code: 0, stdout, stderr: '' };
    throw new HostFailure('absent', `there is no command ${command}`, { command });
  },
});

test.each([
  ['amd-smi', answering(amdSmi(recorded('amd-smi-process.json')))],
  ['rocm-smi alone', having('rocm-smi', { stdout: recorded('rocm-smi.json') })],
])(
  '%s gives the same result, without text before its JSON and without processes that use no GPU',
  async (_, query) => {
    const found = await acceleratorUse(amd, query);
    expect(found.devices).toEqual([
      { index: 0, memoryUsedMib: 284, memoryTotalMib: 196_592 },
      { index: 1, memoryUsedMib: 186_741, memoryTotalMib: 196_592 },
    ]);
    expect(whatIsBusy(found)).toEqual(['process 99871 (VLLM::EngineCor) holds 182.1 GiB']);
  },
);

test('if amd-smi sees no process, the memory in use still counts', async () => {
  const found = await acceleratorUse(amd, answering(amdSmi(recorded('amd-smi-no-process.json'))));
  expect(whatIsBusy(found)).toEqual(['GPU 1 has 182.4 GiB in use by no listed process']);
});

test('if no AMD tool answers, the error of each is reported', async () => {
  const query = having('amd-smi', { stdout: 'ERROR:root:Unable to get devices, driver not initialized' });
  await expect(acceleratorUse(amd, query)).rejects.toThrow(
    'amd-smi answered: ERROR:root:Unable to get devices, driver not initialized; there is no command rocm-smi',
  );
});

test('a driver that does not answer is reported with the tool’s message', async () => {
  const message =
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.";
  const failing: Host = {
    ...thisMachine,
    run: async () => ({ code: 9, stdout: `${message}\n\n`, stderr: '' }),
  };
  await expect(acceleratorUse(nvidia, failing)).rejects.toThrow(`nvidia-smi does not answer: ${message}`);
});

test('memory that a tool does not report is unknown, not zero', async () => {
  const host = answering((argv) =>
    argv.join(' ').includes('compute-apps') ? '7, /bin/a, b, [N/A]\n' : '0, [N/A], [N/A]\n',
  );
  const found = await acceleratorUse(nvidia, host);
  expect(found.devices).toEqual([{ index: 0, memoryUsedMib: undefined, memoryTotalMib: undefined }]);
  expect(whatIsBusy(found)).toEqual(['process 7 (/bin/a, b) holds an unknown amount of memory']);
  const unlisted = { ...found, processes: [] };
  expect(whatIsBusy(unlisted)).toEqual([]);
  expect(whatIsUnknown(unlisted)).toEqual(['GPU 0 does not report its memory use']);
  const device = { index: 0, memoryUsedMib: 3, memoryTotalMib: 80_000 };
  expect(whatIsUnknown({ devices: [device], processes: [] })).toEqual([]);
});

const unknownField = (name: string) => `Field "${name}" is not a valid field to query.\n`;
/** nvidia-smi of a driver that knows only these names of the reasons. */
const driverWith = (known: readonly string[], mask: string): Host => ({
  ...thisMachine,
  run: async (argv) => {
    const [, fields = ''] = /--query-gpu=(\S+)/.exec(argv.join(' ')) ?? [];
    const asked = fields.split(',');
    const unknown = asked.find((name) => name.includes('reasons') && !known.includes(name));
    if (unknown !== undefined) return { code: 2, stdout: unknownField(unknown), stderr: '' };
    const cells = ['0', '691.52', '99', '74260', '1500', '67', '700.00', mask];
    return { code: 0, stdout: `${cells.slice(0, asked.length).join(', ')}\n`, stderr: '' };
  },
});

test.each([
  ['of today', ['clocks_event_reasons.active'], '0x0000000000000004', { powerCapped: 1, thermallySlowed: 0 }],
  [
    'before 535',
    ['clocks_throttle_reasons.active'],
    '0x0000000000000060',
    { powerCapped: 0, thermallySlowed: 1 },
  ],
  ['without reasons', [], '', { powerCapped: undefined, thermallySlowed: undefined }],
  ['that supports none', ['clocks_event_reasons.active'], '[N/A]', { powerCapped: undefined }],
])(
  'nvidia-smi says whether the power limit or heat lowers the clock: a driver %s',
  async (_, known, mask, expected) => {
    const [tool] = nvidia.tools;
    const read = tool?.reader(driverWith(known, mask));
    for (const _reading of [1, 2])
      expect(await read?.(1000)).toMatchObject([
        { index: 0, powerW: 691.52, powerLimitW: 700, clockMhz: 1500, ...expected },
      ]);
  },
);
