import type { PointDocument } from '../../../src/server/api.ts';
import { percent, quantity, shortNumber } from '../parts/format.ts';

export type PowerFacts = NonNullable<PointDocument['power']>;

/** From here on, a device counts as being at its power limit if its driver does not report more. */
const near = quantity(97, '%');

/** What the power of a measurement covers, and what limited it, in sentences. */
export function powerSentences(power: PowerFacts): string[] {
  const gpus = power.devices === 1 ? 'the GPU' : `the ${power.devices} GPUs`;
  const what = power.of === 'cpu' ? 'the CPU packages, without memory' : `${gpus}, without the host`;
  const { limit, atLimit, heatShare, counterDifference } = power;
  return [
    `Sampled by ${power.source}: the power of ${what}, over exactly the measured window.`,
    ...(limit === null || atLimit === null ? [] : [limitSentence(gpus, limit, atLimit)]),
    ...(heatShare !== null && heatShare > 0
      ? [`Heat lowered the clock for ${percent(heatShare, 0)} of the window.`]
      : []),
    ...(counterDifference === null
      ? []
      : [`The devices’ own energy counters differ from the samples by ${percent(counterDifference)}.`]),
  ];
}

function limitSentence(
  gpus: string,
  limit: NonNullable<PowerFacts['limit']>,
  { share, by }: NonNullable<PowerFacts['atLimit']>,
): string {
  const watts = quantity(shortNumber(limit.w), 'W');
  const name = limit.from === 'driver' ? `power limit of ${watts}` : `board power of ${watts}`;
  const verb = gpus === 'the GPU' ? 'was' : 'were';
  const subject = gpus.replace(/^t/, 'T');
  if (by === 'driver') {
    return share === 0
      ? `The ${name} never lowered the clock.`
      : `${subject} ${verb} throttled by the ${name} for ${percent(share, 0)} of the window.`;
  }
  return share === 0
    ? `${subject} stayed below ${near} of the ${name}.`
    : `${subject} ${verb} at ${near} of the ${name} or above for ${percent(share, 0)} of the window: the limit probably lowered the clock.`;
}

/** Why sampled power is not among the figures of a point; null if it is, or if none was sampled. */
export function unusableWords(reasons: readonly string[]): string | null {
  return reasons.length === 0
    ? null
    : `The power that the DCGM exporters of the nodes sampled cannot be used: ${reasons.join('; ')}.`;
}

/** The energy per output token with its interval over the run; null if it is unknown. */
export function energyInWords({ jPerOutputToken, interval }: PowerFacts): string | null {
  if (jPerOutputToken === null) return null;
  const each = quantity(threeDigits(jPerOutputToken), 'J');
  return interval === null
    ? each
    : `${each} (${quantity(95, '%')} interval over the run: ${threeDigits(interval[0])} to ${threeDigits(interval[1])})`;
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
