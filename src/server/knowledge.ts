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

/** The data from which every answer is made. */
export interface Knowledge {
  readonly store: Store;
  readonly gpus: readonly GpuConstants[];
  /** The configs that changelog entries may refer to, by key. */
  readonly configs: ReadonlyMap<string, NamedConfig>;
  /**
   * When the site was published, ISO 8601, or null. A published site contains no points generated for scale
   * tests.
   */
  readonly publishedAt: string | null;
  /**
   * Whether traces of engines' profilers can be downloaded; they contain names of hosts and files. Absent if they
   * cannot.
   */
  readonly offersTraces?: boolean;
  readonly productVersion: string;
}

/** The identity of the points that a config measures. Its runner pool is their hardware. */
export type NamedConfig = ConfigIdentity & {
  readonly image: string;
  readonly model: string;
  readonly runner: string;
  /** The kinds of speculative decoding that it measures. */
  readonly specDecodings: ReadonlySet<string>;
};

/** Generated points have this in the name of their hardware, and are never published. */
const generated = 'synthetic';

/** Whether points of a hardware type are shown. A published site hides generated ones. */
export function shows({ publishedAt }: Pick<Knowledge, 'publishedAt'>, hw: string): boolean {
  return publishedAt === null || !hw.toLowerCase().includes(generated);
}

/** The newest runs, newest first. */
export async function shownSweeps({ store, publishedAt }: Knowledge, limit: number): Promise<StoredSweep[]> {
  if (publishedAt === null) return [...(await store.sweeps({ limit })).items];
  const hidden = await store.sweepsOnHardware(generated);
  return (await store.allSweeps()).filter(({ id }) => !hidden.has(id)).slice(0, limit);
}

/** The counts of the store, without generated points on a published site. */
export async function shownCounts({ store, publishedAt }: Knowledge) {
  return await store.counts(publishedAt === null ? undefined : generated);
}

/** The latest points that match a filter, without generated ones on a published site. */
export async function shownPoints(knowledge: Knowledge, filter: PointFilter): Promise<StoredPoint[]> {
  return (await knowledge.store.latestPoints(filter)).filter(({ row }) => shows(knowledge, row.hw));
}

/** The shapes of the store, without generated ones on a published site. */
export async function shownShapes(knowledge: Knowledge): Promise<StoredShape[]> {
  return (await knowledge.store.shapes()).filter(({ hw }) => shows(knowledge, hw));
}

export async function shownMarks(knowledge: Knowledge): Promise<MarkedPoints[]> {
  return (await knowledge.store.markedPoints()).filter(({ hw }) => shows(knowledge, hw));
}
