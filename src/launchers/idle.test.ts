import { describe, expect, test } from 'vitest';
import type { Vendor } from '../accelerators/index.ts';
import { HostFailure, thisMachine } from '../hosts/index.ts';
import { EngineFailure } from './engine-failure.ts';
import { deviceTrouble, waitUntilIdle } from './idle.ts';

/** A vendor whose only device is busy for this many queries. */
function busyFor(questions: number): Vendor {
  let asked = 0;
  const device = { index: 0, memoryTotalMib: 1000 };
  return {
    name: 'busy',
    hasDevices: true,
    visibleDevices: [],
    containers: { flags: [] },
    tools: [
      {
        program: 'busy-smi',
        identify: async () => ({ devices: [] }),
        reader: () => async () => [],
        use: async () => {
          asked += 1;
          const processes = asked <= questions ? [{ pid: 7, name: 'python3', memoryMib: 2048 }] : [];
          return { devices: [{ ...device, memoryUsedMib: 0 }], processes };
        },
      },
    ],
  };
}

test('other users’ processes are waited for until the deadline and named once', async () => {
  const progress: string[] = [];
  const context = {
    signal: new AbortController().signal,
    onProgress: ({ what }: { readonly what: string }) => progress.push(what),
  };
  await waitUntilIdle(busyFor(3), thisMachine, { timeoutS: 60, deviceCount: 1 }, context, 1);
  expect(progress).toEqual(['the accelerators to be idle: process 7 (python3) holds 2.0 GiB']);
  const late = waitUntilIdle(
    busyFor(Number.POSITIVE_INFINITY),
    thisMachine,
    { timeoutS: 0.01, deviceCount: 1 },
    context,
    1,
  );
  await expect(late).rejects.toThrow(EngineFailure);
  await expect(late).rejects.toThrow('the accelerators are not idle after 0.01 s: process 7');
});

test('devices that do not report whether they are in use are named but not waited for', async () => {
  const silent = busyFor(0);
  const [tool] = silent.tools;
  if (tool === undefined) throw new Error('it has a tool');
  const device = { index: 0, memoryUsedMib: undefined, memoryTotalMib: undefined };
  const tools = [{ ...tool, use: async () => ({ devices: [device], processes: [] }) }];
  const progress: string[] = [];
  const context = {
    signal: new AbortController().signal,
    onProgress: ({ what }: { readonly what: string }) => progress.push(what),
  };
  await waitUntilIdle({ ...silent, tools }, thisMachine, { timeoutS: 60, deviceCount: 1 }, context, 1);
  expect(progress).toEqual(['the accelerators, which may be in use: GPU 0 does not report its memory use']);
});

test('a node with fewer accelerators than its pool declares is broken, and nothing is started', async () => {
  const context = { signal: new AbortController().signal, onProgress: () => {} };
  const missing = waitUntilIdle(busyFor(0), thisMachine, { timeoutS: 60, deviceCount: 8 }, context, 1);
  await expect(missing).rejects.toMatchObject({
    failureClass: 'node-broken',
    message: expect.stringContaining('1 of its 8 accelerators'),
  });
});

describe('device trouble, asked after an engine saw no accelerators', () => {
  const troubleOf = async (vendor: Vendor, deviceCount = 1) =>
    await deviceTrouble(vendor, thisMachine, deviceCount);
  const fault = { stopsEngines: false, message: 'a sign', todo: 'look' };
  const failing = (kind: 'failed' | 'late' | 'unreachable'): Vendor => {
    const [tool] = busyFor(0).tools;
    if (tool === undefined) throw new Error('there is a tool');
    const use = async (): Promise<never> => {
      throw new HostFailure(kind, 'the driver does not answer', { command: 'busy-smi' });
    };
    return { ...busyFor(0), tools: [{ ...tool, use }] };
  };

  test('is undefined if all devices are present, even if they are in use or report minor faults', async () => {
    expect(await troubleOf(busyFor(1))).toBeUndefined();
    expect(await troubleOf({ ...busyFor(0), faults: async () => [fault] })).toBeUndefined();
    expect(await troubleOf({ ...busyFor(0), hasDevices: false }, 8)).toBeUndefined();
    expect(await troubleOf(failing('unreachable'))).toBeUndefined();
  });

  test('names missing devices, a failing or hanging driver, and faults that stop engines', async () => {
    expect(await troubleOf(busyFor(0), 8)).toContain('shows 1 of its 8 accelerators');
    expect(await troubleOf(failing('failed'))).toBe('the driver does not answer');
    expect(await troubleOf(failing('late'))).toContain('hangs');
    for (const more of [{ hidesDevices: true }, { stopsEngines: true }] as const)
      expect(await troubleOf({ ...busyFor(0), faults: async () => [{ ...fault, ...more }] })).toContain(
        'a sign; to do: look',
      );
  });
});
