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

test('samples are counted by what their source is about, whatever the source is called', () => {
  expect(
    samplesBy({
      'new-tool': { subject: 'accelerators', samples: 12, mean_ms: 1, share: 0.1 },
      'another-tool': { subject: 'accelerators', samples: 7 },
      'new-daemon': { subject: 'host', samples: 4 },
    }),
  ).toEqual({ accelerators: 12, host: 4 });
});

test('results of version 0.1, which do not say what a source is about, are read by its name', () => {
  expect(samplesBy({ 'amd-smi': { samples: 12 }, proc: { samples: 4 }, engine: { samples: 3 } })).toEqual({
    accelerators: 12,
    host: 4,
  });
});

test('a source that nobody knows counts for nothing', () => {
  expect(samplesBy({ unheard: { samples: 12 } })).toEqual({ accelerators: 0, host: 0 });
});
