import { twoSidedT } from '../load/student-t.ts';

/** Power and output over a measured window, both constant within their intervals. */
export interface EnergyOverTime {
  readonly windowS: number;
  /** Watts from each start to the next one, the last until the end of the window. */
  readonly power: { readonly startsS: readonly number[]; readonly watts: readonly (number | null)[] };
  /** Output tokens per second in intervals of equal length. */
  readonly tokens: { readonly intervalS: number; readonly perS: readonly (number | null)[] };
  /** Time in which the load repeats itself, such as a mean end-to-end latency: a batch is at least twice as long. */
  readonly cycleS: number;
}

/** With fewer batches, their spread says too little. */
const fewestBatches = 5;
const mostBatches = 20;

/**
 * 95 % confidence interval of the energy per output token in joules: the window is split into batches of equal length,
 * and the interval is that of a ratio of two means over them (the usual ratio estimator, with Student's t). It contains
 * how much the energy varies over the run, and not the error of the power sensor. Null if there are fewer than 5
 * batches, or if a figure is unknown.
 */
export function energyPerTokenInterval(over: EnergyOverTime): readonly [low: number, high: number] | null {
  const { windowS, power, tokens, cycleS } = over;
  const count = Math.min(mostBatches, Math.floor(windowS / Math.max(2 * cycleS, tokens.intervalS)));
  if (!(count >= fewestBatches)) return null;
  const watts: Steps = { startsS: [...power.startsS, windowS], values: power.watts };
  const starts = tokens.perS.map((_, index) => index * tokens.intervalS);
  const rates: Steps = { startsS: [...starts, windowS], values: tokens.perS };
  const batches = Array.from({ length: count }, (_, index) => {
    const [fromS, toS] = [(index * windowS) / count, ((index + 1) * windowS) / count];
    return { joules: areaOf(watts, fromS, toS), tokens: areaOf(rates, fromS, toS) };
  });
  const joules = sum(batches.map((batch) => batch.joules));
  const produced = sum(batches.map((batch) => batch.tokens));
  const each = joules / produced;
  if (!(produced > 0) || !Number.isFinite(each)) return null;
  const residuals = batches.map((batch) => (batch.joules - each * batch.tokens) ** 2);
  const error = Math.sqrt(sum(residuals) / (count * (count - 1))) / (produced / count);
  const half = twoSidedT(0.05, count - 1) * error;
  return [Math.max(0, each - half), each + half];
}

/** A value from each start to the next; there is one start more than values, which is the end. */
interface Steps {
  readonly startsS: readonly number[];
  readonly values: readonly (number | null)[];
}

/** The integral of the steps over a part of their time; NaN if a value in it is unknown. */
function areaOf({ startsS, values }: Steps, fromS: number, toS: number): number {
  return sum(
    values.map((value, index) => {
      const [start, end] = [startsS[index] ?? Number.NaN, startsS[index + 1] ?? Number.NaN];
      const length = Math.min(end, toS) - Math.max(start, fromS);
      return length > 0 ? length * (value ?? Number.NaN) : 0;
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
