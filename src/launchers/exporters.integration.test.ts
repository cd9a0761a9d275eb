import { expect, test } from 'vitest';
import { DcgmExporter } from '../../test/support/dcgm-exporter.ts';
import { thisMachine } from '../hosts/index.ts';
import { examineExporters } from './exporters.ts';
import { launcherSettings } from './settings.ts';

const site = { host: thisMachine, definition: {}, nodes: ['node-a'], collectedAgainMs: 1 };
const settings = (where: number | string) =>
  launcherSettings.parse({
    host: '127.0.0.1',
    accelerator: 'nvidia',
    'accelerators-per-node': 2,
    'dcgm-exporter': where,
  });

test('the doctor reads the exporter of a node by its port or its URL', async () => {
  await using exporter = await DcgmExporter.start('node-a', [70, 71]);
  // Its values change with each reading.
  void exporter.scrapedAgain(1).then(() => {
    for (const gpu of exporter.gpus) gpu.powerW += 1;
  });
  const [byPort] = await examineExporters(site, settings(exporter.port), 'runners/x.yaml');
  expect(byPort).toEqual({
    check: 'dcgm-exporter',
    state: 'ok',
    message: `${exporter.url} reports the power of 2 GPUs`,
  });
  const url = exporter.url.replace('/metrics', '/metrics/{node}');
  const [stale] = await examineExporters(site, settings(url), 'runners/x.yaml');
  expect(stale).toMatchObject({
    state: 'warning',
    message: expect.stringContaining(`metrics/node-a reports the power of 2 GPUs, but nothing changed`),
    todo: expect.stringContaining('--collect-interval=1000'),
  });
});

test('a missing GPU, another server and no server are problems', async () => {
  await using exporter = await DcgmExporter.start('node-a', [70]);
  const examined = async () => await examineExporters(site, settings(exporter.port), 'runners/x.yaml');
  expect(await examined()).toMatchObject([
    { state: 'problem', message: expect.stringContaining('of 1 GPU, and the pool says 2') },
  ]);
  exporter.answer = 'not a text of metrics';
  expect(await examined()).toMatchObject([
    { state: 'problem', message: expect.stringContaining('no DCGM_FI_DEV_POWER_USAGE') },
  ]);
  const { port } = exporter;
  await exporter.stop();
  expect(await examineExporters(site, settings(port), 'runners/x.yaml')).toMatchObject([
    {
      state: 'problem',
      message: expect.stringMatching(/ECONNREFUSED|fetch failed/),
      todo: 'start dcgm-exporter on node-a, or correct dcgm-exporter in runners/x.yaml; without it, rows have no valid power',
    },
  ]);
});

test('a pool without exporters has nothing to check', async () => {
  const { 'dcgm-exporter': _, ...others } = settings(1);
  expect(await examineExporters(site, launcherSettings.parse(others), 'runners/x.yaml')).toEqual([]);
});
