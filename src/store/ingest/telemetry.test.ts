import { expect, test } from 'vitest';
import { telemetryOf } from './telemetry.ts';

const share = { mean: 0.5, min: 0.1, p50: 0.5, max: 0.9 };
const telemetry = (sampling: object) => ({
  power: { state: 'unavailable', reason: 'x' },
  accelerators: { count: 8, utilization: share },
  host: { cpu_share: share },
  sampling,
});
const samplesBy = (sampling: object) =>
  Object.fromEntries(telemetryOf(telemetry(sampling)).map(({ device, samples }) => [device, samples]));

test('samples are assigned by the subject of their source, not by its name', () => {
  expect(
    samplesBy({
      'new-tool': { subject: 'accelerators', samples: 12, mean_ms: 1, share: 0.1 },
      'another-tool': { subject: 'accelerators', samples: 7 },
      'new-daemon': { subject: 'host', samples: 4 },
    }),
  ).toEqual({ accelerators: 12, host: 4 });
});

test("results of version 0.1, which lack the subject, are assigned by the source's name", () => {
  expect(samplesBy({ 'amd-smi': { samples: 12 }, proc: { samples: 4 }, engine: { samples: 3 } })).toEqual({
    accelerators: 12,
    host: 4,
  });
});

test('an unknown source is ignored', () => {
  expect(samplesBy({ unheard: { samples: 12 } })).toEqual({ accelerators: 0, host: 0 });
});
