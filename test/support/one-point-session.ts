import type { EngineSession } from '../../src/plan/index.ts';
import { someEntry } from './some-entry.ts';

/** The properties that differ between one-point sessions. */
export interface SessionOfOnePoint {
  readonly id: string;
  /** A pool, or one of its nodes. */
  readonly runner: string;
  readonly hardware: string;
  readonly accelerators?: number;
}

/** A session with one short point in a container, for sweeps that start nothing. */
export function onePointSession({
  id,
  runner,
  hardware,
  accelerators = 1,
}: SessionOfOnePoint): EngineSession {
  const entry = {
    ...someEntry,
    runner,
    isl: 8,
    osl: 8,
    conc: 1,
    tp: accelerators,
    'exp-name': `model_${id}`,
  };
  const { image, model, framework } = entry;
  const client = { numPrompts: 1, warmupRequests: 0, randomRangeRatio: 1, useChatTemplate: false, seed: 0 };
  return {
    id,
    image,
    model,
    framework,
    runner,
    hardware,
    launcher: 'docker',
    server: { args: [], env: {}, files: [], acceleratorCount: accelerators },
    points: [{ id: `point-${id}`, conc: 1, hardware, client, entry }],
  };
}
