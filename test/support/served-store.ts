import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { loadMasterConfigs, loadRunnerPools } from '../../src/config/index.ts';
import { createApp, hostGuard, type Knowledge, loadKnowledge, TokenFile } from '../../src/server/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { januaryMasters, januaryRunners } from './january.ts';
import { type SyntheticPoint, somePoint } from './synthetic-results.ts';
import { pointId, type SyntheticSweep, sessionId, someSweep, writeSweepFiles } from './synthetic-sweep.ts';

const day = 86_400_000;
const at = (point: SyntheticPoint, time: number): SyntheticPoint => ({ ...point, at: time });

/** Two weeks of one config, a second hardware, a failed attempt, an invalid measurement, and generated points. */
const newer: SyntheticSweep = {
  ...someSweep,
  sweepId: 'run-20260121-101500-bbbb',
  at: someSweep.at + 7 * day - 1000,
  points: someSweep.points.map((point) =>
    at({ ...point, image: 'lmsysorg/sglang:v0.5.6', speed: 1.2 }, someSweep.at + 7 * day - 1000),
  ),
  seed: 2,
};
const other: SyntheticSweep = {
  ...someSweep,
  sweepId: 'run-20260121-120000-cccc',
  at: someSweep.at + 7 * day,
  points: [1, 8, 64].map((conc) =>
    at({ ...somePoint, hw: 'synthetic-b200-trt', conc, speed: 2 }, someSweep.at + 7 * day),
  ),
  seed: 3,
  change: (raw, index) =>
    index === 2 ? { ...raw, fidelity: { verdict: 'invalid', reasons: ['40 of 640 requests failed'] } } : raw,
  journal: [
    { at: '2026-01-21T10:15:00.000Z', type: 'sweep-started', resumed: false, pointsLeft: 3 },
    {
      at: '2026-01-21T10:15:01.000Z',
      type: 'engine-starting',
      sessionId,
      start: 1,
      argv: ['/home/ann/venv/bin/trtllm-serve', '--model', '/home/ann/models/r1', '--port', '8888'],
    },
    { at: '2026-01-21T10:16:01.000Z', type: 'engine-ready', sessionId, afterS: 60 },
    ...[1, 8, 64].flatMap((conc, index) => {
      const id = pointId({ ...somePoint, hw: 'synthetic-b200-trt', conc });
      const name = id.replace(/_plan$/, '');
      const when = (second: number) => new Date(Date.UTC(2026, 0, 21, 10, 20 + index, second)).toISOString();
      const end =
        conc === 64
          ? {
              type: 'point-failed',
              failureClass: 'invalid-measurement',
              message: 'see /home/ann/runs/x.log',
              willRetry: false,
            }
          : {
              type: 'point-finished',
              resultFilename: name,
              verdict: 'checked',
              outputThroughput: 1,
              medianTtftMs: 1,
              medianTpotMs: 1,
            };
      return [
        { at: when(0), type: 'point-started', sessionId, pointId: id, attempt: 1 },
        { at: when(30), sessionId, pointId: id, ...end },
      ];
    }),
    { at: '2026-01-21T11:00:00.000Z', type: 'sweep-finished', finished: 2, failed: 1 },
  ],
};
const generated: SyntheticSweep = {
  ...someSweep,
  sweepId: 'run-20260122-000000-dddd',
  at: someSweep.at + 7 * day + 5000,
  points: [at({ ...somePoint, conc: 1 }, someSweep.at + 7 * day + 5000)],
  seed: 4,
};

/** A store with known content, and a server for it. */
export class ServedStore {
  readonly folder: string;
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly tokens: TokenFile;

  private constructor(folder: string, store: Store, knowledge: Knowledge) {
    this.folder = folder;
    this.store = store;
    this.knowledge = knowledge;
    this.tokens = new TokenFile(join(folder, 'tokens.json'));
  }

  /** Of the four runs, only the last keeps the word that marks it as generated. */
  static async create(location?: string): Promise<ServedStore> {
    const folder = await mkdtemp(join(tmpdir(), 'served-'));
    const store = await openStore(location ?? join(folder, 'store.sqlite'));
    const served = new ServedStore(folder, store, await loadKnowledge(store, await checkedInConfigs()));
    for (const run of [someSweep, newer, other]) await served.ingestMeasured(run);
    const directory = join(folder, 'runs', generated.sweepId);
    await writeSweepFiles(directory, generated);
    await store.ingestRun(directory);
    return served;
  }

  /** Ingests a run as if it had been measured. */
  async ingestMeasured(run: SyntheticSweep): Promise<void> {
    const directory = join(this.folder, 'runs', run.sweepId);
    await writeSweepFiles(directory, run);
    await asMeasured(directory);
    await this.store.ingestRun(directory);
  }

  app(options: Partial<Parameters<typeof createApp>[0]> = {}): Hono {
    return createApp({
      knowledge: this.knowledge,
      files: new Map(),
      allowsHost: hostGuard('127.0.0.1', []),
      readLimit: { burst: 1e9, perSecond: 1e9 },
      writeLimit: { burst: 1e9, perSecond: 1e9 },
      writing: {
        tokens: this.tokens,
        ingest: async (archive, said) => await this.store.ingest(archive, said),
        maxBytes: 1024 * 1024,
      },
      onError: (request, error) => {
        throw new Error(`${request}: ${error.stack}`);
      },
      ...options,
    });
  }

  async remove(): Promise<void> {
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Read once, because they do not change. */
let configsRead: ReturnType<typeof readConfigs> | undefined;

export async function checkedInConfigs() {
  configsRead ??= readConfigs();
  return await configsRead;
}

async function readConfigs() {
  const [configs, pools] = await Promise.all([
    loadMasterConfigs(januaryMasters.filter((file) => file.includes('nvidia'))),
    loadRunnerPools(januaryRunners),
  ]);
  return { configs, pools };
}

/** Removes the word that marks a run as generated from its files. */
async function asMeasured(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('synthetic-', ''));
    await rename(file, join(entry.parentPath, entry.name.replaceAll('synthetic-', '')));
  }
}
