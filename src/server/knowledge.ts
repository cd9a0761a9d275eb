import type { GpuConstants } from '../config/index.ts';
import type { ConfigIdentity } from '../identity/index.ts';
import type {
  MarkedPoints,
  PointFilter,
  Store,
  StoredPoint,
  StoredShape,
  StoredSweep,
} from '../store/index.ts';

/** What every answer is made from. */
export interface Knowledge {
  readonly store: Store;
  readonly gpus: readonly GpuConstants[];
  /** The configs that changelog entries name, by key. */
  readonly configs: ReadonlyMap<string, NamedConfig>;
  /** When this was written for everybody to read, ISO 8601: nothing generated for scale tests is then in it. */
  readonly publishedAt: string | null;
  readonly productVersion: string;
}

/** What a config key says of the points that are measured for it. The runner pool is the points' hardware. */
export type NamedConfig = ConfigIdentity & {
  readonly image: string;
  readonly model: string;
  readonly runner: string;
  /** The ways of drafting that it measures. */
  readonly specDecodings: ReadonlySet<string>;
};

/** Generated points say so in the name of their hardware, and are never published. */
const generated = 'synthetic';

export function shows({ publishedAt }: Pick<Knowledge, 'publishedAt'>, hw: string): boolean {
  return publishedAt === null || !hw.toLowerCase().includes(generated);
}

/** The newest runs, newest first. */
export async function shownSweeps({ store, publishedAt }: Knowledge, limit: number): Promise<StoredSweep[]> {
  if (publishedAt === null) return [...(await store.sweeps({ limit })).items];
  const hidden = await store.sweepsOnHardware(generated);
  return (await store.allSweeps()).filter(({ id }) => !hidden.has(id)).slice(0, limit);
}

export async function shownCounts({ store, publishedAt }: Knowledge) {
  return await store.counts(publishedAt === null ? undefined : generated);
}

export async function shownPoints(knowledge: Knowledge, filter: PointFilter): Promise<StoredPoint[]> {
  return (await knowledge.store.latestPoints(filter)).filter(({ row }) => shows(knowledge, row.hw));
}

export async function shownShapes(knowledge: Knowledge): Promise<StoredShape[]> {
  return (await knowledge.store.shapes()).filter(({ hw }) => shows(knowledge, hw));
}

export async function shownMarks(knowledge: Knowledge): Promise<MarkedPoints[]> {
  return (await knowledge.store.markedPoints()).filter(({ hw }) => shows(knowledge, hw));
}
