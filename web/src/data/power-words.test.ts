import { expect, test } from 'vitest';
import { energyInWords, type PowerFacts, powerSentences, unusableWords } from './power-words.ts';

const power: PowerFacts = {
  of: 'accelerators',
  source: 'nvidia-smi',
  devices: 1,
  meanW: 682,
  jPerOutputToken: 0.10734,
  interval: [0.10118, 0.11347],
  limit: { w: 700, from: 'driver' },
  atLimit: { share: 0.81, by: 'driver' },
  heatShare: 0,
  meanClockMhz: 1585,
  maxClockMhz: 1980,
  longestGapS: 1.1,
  host: null,
  counterDifference: null,
};
const plain = (texts: readonly string[]) => texts.join(' ').replaceAll('\u00a0', ' ');

test('says what was sampled and how long the power limit lowered the clock', () => {
  expect(plain(powerSentences(power))).toBe(
    'Sampled by nvidia-smi: the power of the GPU, without the host, over exactly the measured window. The GPU was throttled by the power limit of 700 W for 81 % of the window.',
  );
});

test('without the driver’s reasons, power near the limit is said to be only that', () => {
  const old: PowerFacts = {
    ...power,
    devices: 8,
    limit: { w: 5600, from: 'vendor' },
    atLimit: { share: 0.8, by: 'power' },
  };
  expect(plain(powerSentences(old))).toContain(
    'The 8 GPUs were at 97 % of the board power of 5,600 W or above for 80 % of the window: the limit probably lowered the clock.',
  );
});

test('heat and the energy counters are mentioned if they are known', () => {
  const known = { ...power, heatShare: 0.2, counterDifference: 0.013 };
  expect(plain(powerSentences(known))).toContain(
    'Heat lowered the clock for 20 % of the window. The devices’ own energy counters differ from the samples by 1.3 %.',
  );
});

test('energy has its interval, if there is one', () => {
  expect(energyInWords(power)).toBe('0.107\u00a0J (95\u00a0% interval over the run: 0.101 to 0.113)');
  expect(energyInWords({ ...power, interval: null })).toBe('0.107\u00a0J');
  expect(energyInWords({ ...power, jPerOutputToken: null })).toBeNull();
});

test('power that cannot be used has its reasons', () => {
  expect(unusableWords(['a GPU was not sampled', 'no request was completed'])).toBe(
    'The power that the DCGM exporters of the nodes sampled cannot be used: a GPU was not sampled; no request was completed.',
  );
  expect(unusableWords([])).toBeNull();
});
