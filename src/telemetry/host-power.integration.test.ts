import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManagementController } from '../../test/support/management-controller.ts';
import { defined } from '../defined/defined.ts';
import { thisMachine } from '../hosts/index.ts';
import { watchTelemetry } from './index.ts';
import type { SampledTarget } from './source.ts';
import { ipmi } from './sources/ipmi.ts';
import { redfish } from './sources/redfish.ts';

const timeoutMs = 10_000;

/* What a server's controller prints, with a blank line at each end. */
const dcmi = `
    Instantaneous power reading:                  4812 Watts
    Minimum during sampling period:                716 Watts
    Maximum during sampling period:               5120 Watts
    Average power reading over sample period:     4790 Watts
    IPMI timestamp:                           Thu Nov 26 10:31:00 2026
    Sampling period:                          00000005 Seconds.
    Power reading state is:                   activated

`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-power-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** An `ipmitool` that prints the text for exactly the arguments of a power reading. */
async function ipmitool(text: string, code = 0): Promise<void> {
  const path = join(folder, 'ipmitool');
  const lines = [
    '#!/bin/sh',
    '[ "$*" = "dcmi power reading" ] || exit 64',
    `cat <<'END'\n${text}\nEND`,
    `exit ${code}`,
    '',
  ];
  await writeFile(path, lines.join('\n'));
  await chmod(path, 0o755);
}

const read = async (source: typeof ipmi, target: Partial<SampledTarget> = {}) =>
  await source.open({ host: thisMachine, ...target })?.(timeoutMs);

test('ipmitool: the power of the machine, by DCMI', async () => {
  await ipmitool(dcmi);
  expect(await read(ipmi)).toEqual([{ quantity: 'powerW', device: 'node0', value: 4812 }]);
  await expect(read(ipmi, { nodes: 2 })).rejects.toThrow('reads one node, but the engine has 2');
});

test.each([
  [dcmi.replace(' activated', ' deactivated'), 0, 'ipmitool answered'],
  ['DCMI request failed because: Invalid command (c1)', 1, 'Invalid command'],
  ['Could not open device at /dev/ipmi0', 1, 'Could not open device'],
])('ipmitool: %j does not give a power', async (text, code, message) => {
  await ipmitool(text, code);
  await expect(read(ipmi)).rejects.toThrow(message);
});

const access = (controllers: readonly ManagementController[], chassis?: string) => ({
  redfish: {
    urls: controllers.map(({ url }) => url),
    credentials: { user: 'reader', password: 'correct horse' },
    ...defined({ chassis }),
  },
});

test('Redfish: the power of every node, from the chassis that reports one', async () => {
  await using one = await ManagementController.start({
    Self: { PowerControl: [{ PowerConsumedWatts: 5000 }] },
  });
  await using two = await ManagementController.start({
    Enclosure: 'no power',
    System: { PowerWatts: { Reading: 4000.5 } },
  });
  expect(await read(redfish, access([one, two]))).toEqual([
    { quantity: 'powerW', device: 'node0', value: 5000 },
    { quantity: 'powerW', device: 'node1', value: 4000.5 },
  ]);
  // A pool that names no controllers.
  expect(redfish.open({ host: thisMachine })).toBeUndefined();
});

test('Redfish: of several chassis with power, the setting names the whole machine', async () => {
  const power = (watts: number) => ({ PowerControl: [{ PowerConsumedWatts: watts }] });
  await using controller = await ManagementController.start({ DGX: power(9000), HGX_0: power(6000) });
  await expect(read(redfish, access([controller]))).rejects.toThrow(
    'reports the power of DGX, HGX_0: name the whole machine in redfish.chassis',
  );
  expect(await read(redfish, access([controller], 'DGX'))).toMatchObject([{ value: 9000 }]);
  await expect(read(redfish, access([controller], 'PDU'))).rejects.toThrow('no chassis with a power reading');
});

test('Redfish: no message has the credentials', async () => {
  await using controller = await ManagementController.start({ Self: { PowerControl: [{}] } });
  const wrong = { user: 'reader', password: 'hunter2' };
  const failed = async (credentials: NonNullable<SampledTarget['redfish']>['credentials']) =>
    await read(redfish, { redfish: { urls: [controller.url], credentials } }).then(
      () => 'no error',
      (error: unknown) => `${error}${JSON.stringify(error)}`,
    );
  const said = await failed(wrong);
  expect(said).toContain('/redfish/v1/Chassis answers 401: the user or the password is wrong');
  const encoded = Buffer.from(`${wrong.user}:${wrong.password}`).toString('base64');
  for (const secret of [wrong.password, encoded]) expect(said).not.toContain(secret);
  expect(await failed({ unset: 'REDFISH_PASSWORD' })).toContain('REDFISH_PASSWORD is not set');
  controller.movesTo = 'http://127.0.0.1:1/';
  expect(await failed({ user: 'reader', password: 'correct horse' })).not.toContain('correct horse');
});

test('in a result, the power of the machine is next to that of the GPUs, and each says what it covers', async () => {
  await using controller = await ManagementController.start({
    Self: { PowerControl: [{ PowerConsumedWatts: 2000 }] },
  });
  const gpus = join(folder, 'nvidia-smi');
  await writeFile(gpus, "#!/bin/sh\necho '0, 600.0, 90, 1000, 1900, 60'\n");
  await chmod(gpus, 0o755);
  const watch = watchTelemetry(access([controller]));
  await controller.asked;
  const started_at = Date.now() / 1000;
  const telemetry = await watch.over({
    started_at,
    duration: 0.01,
    total_input_tokens: 10,
    total_output_tokens: 4,
    output_throughput: 400,
    total_token_throughput: 1400,
  });
  expect(telemetry.power).toMatchObject({ of: 'accelerators', source: 'nvidia-smi', mean_w: 600 });
  expect(telemetry.host_power).toMatchObject({ of: 'chassis', source: 'redfish', mean_w: 2000 });
  expect(telemetry.sampling.redfish).toMatchObject({ subject: 'chassis' });
});

test('the tool on the first of several nodes does not measure an engine on all of them', async () => {
  const gpus = join(folder, 'nvidia-smi');
  await writeFile(gpus, "#!/bin/sh\necho '0, 600.0, 90, 1000, 1900, 60'\n");
  await chmod(gpus, 0o755);
  const watch = watchTelemetry({ nodes: 2 });
  const telemetry = await watch.over({
    started_at: Date.now() / 1000,
    duration: 0.01,
    total_input_tokens: 10,
    total_output_tokens: 4,
    output_throughput: 400,
    total_token_throughput: 1400,
  });
  expect(telemetry.power).toEqual({
    state: 'unavailable',
    reason: 'only the first of 2 nodes was sampled: name their exporters in the pool (dcgm-exporter)',
  });
});
