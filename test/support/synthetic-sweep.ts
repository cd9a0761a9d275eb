import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aggregateRowOfJob } from '../../src/results/index.ts';
import {
  randomNumbers,
  resultFilename,
  type SyntheticPoint,
  somePoint,
  syntheticJob,
  syntheticRaw,
} from './synthetic-results.ts';

/** A run directory to write: the files of a sweep (ARCHITECTURE.md, "A sweep on disk"). */
export interface SyntheticSweep {
  readonly sweepId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly points: readonly SyntheticPoint[];
  readonly seed: number;
  /** Changes the raw result of a point. */
  readonly change?: (raw: Record<string, unknown>, index: number) => Record<string, unknown>;
  readonly journal?: readonly Readonly<Record<string, unknown>>[];
}

export const someSweep: SyntheticSweep = {
  sweepId: 'run-20260114-101500-aaaa',
  at: somePoint.at,
  points: [1, 2, 4].map((conc) => ({ ...somePoint, conc })),
  seed: 1,
};

/** A point's id in the plan. */
export const pointId = (point: SyntheticPoint): string => `${resultFilename(point)}_plan`;
export const sessionId = 'dsr1-fp8-synthetic-h200-sglang-1';

/** Writes a run directory; an invalid measurement gets no row. */
export async function writeSweepFiles(directory: string, run: SyntheticSweep): Promise<void> {
  const random = randomNumbers(run.seed);
  for (const folder of ['raw', 'agg']) await mkdir(join(directory, folder), { recursive: true });
  const createdAt = new Date(run.at).toISOString();
  const sweep = { sweepId: run.sweepId, createdAt, command: 'run', plan: { sessions: [sessionOf(run)] } };
  await writeFile(join(directory, 'sweep.json'), JSON.stringify(sweep));
  for (const [index, point] of run.points.entries()) {
    const raw = (run.change ?? ((same) => same))(syntheticRaw(point, random), index);
    const name = `${resultFilename(point)}.json`;
    await writeFile(join(directory, 'raw', name), JSON.stringify(raw, null, 2));
    const isInvalid = JSON.stringify(raw.fidelity).includes('invalid');
    if (!isInvalid) {
      const row = aggregateRowOfJob(raw, syntheticJob(point));
      await writeFile(join(directory, 'agg', `agg_${name}`), JSON.stringify(row, null, 2));
    }
  }
  const lines = run.journal ?? journalOf(run);
  const journal = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(join(directory, 'journal.jsonl'), journal);
}

function sessionOf({ points }: SyntheticSweep) {
  const [first = somePoint] = points;
  const { hw, framework, image, model } = first;
  const server = { args: [], env: {}, files: [], acceleratorCount: first.tp };
  return {
    id: sessionId,
    hardware: hw,
    runner: hw,
    framework,
    image,
    model,
    server,
    points: points.map((point) => ({
      id: pointId(point),
      conc: point.conc,
      hardware: point.hw,
      entry: {
        image: point.image,
        model: point.model,
        'model-prefix': point.modelPrefix,
        precision: point.precision,
        framework: point.framework,
        runner: point.hw,
        isl: point.isl,
        osl: point.osl,
        tp: point.tp,
        conc: point.conc,
        'max-model-len': point.isl + point.osl + 200,
        ep: point.ep,
        'dp-attn': point.dpAttention,
        'spec-decoding': point.specDecoding,
        'exp-name': `${point.modelPrefix}_test`,
        disagg: false,
      },
    })),
  };
}

function journalOf({ at, points }: SyntheticSweep) {
  const time = (seconds: number): string => new Date(at + 1000 * seconds).toISOString();
  return [
    { at: time(0), type: 'sweep-started', resumed: false, pointsLeft: points.length },
    { at: time(1), type: 'engine-starting', sessionId, start: 1, argv: ['serve'] },
    { at: time(61), type: 'engine-ready', sessionId, afterS: 60 },
    ...points.flatMap((point, index) => [
      { at: time(100 + 100 * index), type: 'point-started', sessionId, pointId: pointId(point), attempt: 1 },
      {
        at: time(150 + 100 * index),
        type: 'point-finished',
        sessionId,
        pointId: pointId(point),
        resultFilename: resultFilename(point),
        verdict: 'checked',
        outputThroughput: 1,
        medianTtftMs: 1,
        medianTpotMs: 1,
      },
    ]),
    { at: time(5000), type: 'engine-stopped', sessionId },
    { at: time(5001), type: 'sweep-finished', finished: points.length, failed: 0 },
  ];
}
