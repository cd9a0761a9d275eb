import type { GpuConstants } from '../../src/config/index.ts';
import { Random } from '../../src/load/random.ts';
import { type PredictedPoint, predictPoint } from '../../src/plan/estimate/index.ts';
import {
  curveKey,
  type Measurement,
  type PlannedPoint,
  type Point,
  type ServerSpec,
} from '../../src/plan/index.ts';

/** Simulated hardware: our own prediction, distorted on purpose. */
export interface World {
  /** The noise-free result of a point. */
  truth(point: PlannedPoint, server: ServerSpec): Measurement;
  /** The result of one measurement of it. */
  measure(point: PlannedPoint, server: ServerSpec): Measurement;
  /** Duration of the load test in seconds, including the warm-up. */
  runS(point: PlannedPoint, server: ServerSpec): number;
}

/** How far a world may deviate from the prediction, and a measurement from its world. */
export const spread = {
  /** Each layout of each curve is slower or faster by up to this factor. */
  layoutFactor: 1.4,
  /** Its slowdown under load is steeper or flatter by up to this exponent; steep ones lose throughput at the end. */
  slowdownExponent: 0.25,
  /** Standard deviation of a measurement, as a share. */
  noise: 0.01,
};

/** World 0 is the prediction itself without noise; every other seed is a different world. */
export function worldOf(seed: number, gpus: readonly GpuConstants[]): World {
  const predict = (point: Point, server: ServerSpec): PredictedPoint => {
    const predicted = predictPoint(point, server, { gpus, isCpu: () => true });
    if (predicted === undefined) throw new Error(`nothing is predicted for ${point.hardware}`);
    return predicted;
  };
  const truth = (point: PlannedPoint, server: ServerSpec): Measurement => {
    const { interactivity, tputPerGpu, e2elS } = predict(point, server);
    if (seed === 0) return { id: point.id, interactivity, tputPerGpu, e2elS };
    const layout = new Random(
      hash(`${seed} ${curveKey(point)} ${server.acceleratorCount} ${layoutOf(point)}`),
    );
    const factor = spread.layoutFactor ** (2 * layout.unit() - 1);
    const exponent = 1 + spread.slowdownExponent * (2 * layout.unit() - 1);
    const alone = predict({ ...point, conc: 1 }, server).interactivity;
    const scale = (factor * alone * (interactivity / alone) ** exponent) / interactivity;
    return {
      id: point.id,
      interactivity: interactivity * scale,
      tputPerGpu: tputPerGpu * scale,
      e2elS: e2elS / scale,
    };
  };
  return {
    truth,
    measure: (point, server) => {
      const exact = truth(point, server);
      if (seed === 0) return exact;
      const noise = new Random(hash(`${seed} ${point.id}`));
      const shaken = (value: number) => value * (1 + spread.noise * noise.normal());
      return {
        id: exact.id,
        interactivity: shaken(exact.interactivity),
        tputPerGpu: shaken(exact.tputPerGpu),
        e2elS: shaken(exact.e2elS),
      };
    },
    runS: (point, server) => {
      const { numPrompts, warmupRequests } = point.client;
      const { e2elS } = truth(point, server);
      return ((numPrompts + warmupRequests) / point.conc + 0.5) * e2elS;
    },
  };
}

function layoutOf({ entry }: PlannedPoint): string {
  return 'tp' in entry
    ? `${entry.tp} ${entry.ep} ${entry['dp-attn']}`
    : JSON.stringify([entry.prefill, entry.decode]);
}

/** FNV-1a, to derive seeds from words. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
