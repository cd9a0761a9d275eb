import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** A configuration: everything asked for but the concurrency and the image. */
export interface StoredConfiguration {
  /** The same in every store. */
  readonly id: string;
  readonly modelPrefix: string;
  readonly hw: string;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
  readonly isl: number;
  readonly osl: number;
  readonly disagg: boolean;
  readonly isMultinode: boolean;
  /** Accelerators of the whole layout. */
  readonly gpus: number;
  /** Concurrencies it was measured at, ascending. */
  readonly concurrencies: readonly number[];
  /** ISO 8601, of its newest published measurement. */
  readonly newestAt: string;
}

/** Every configuration that has a published measurement; lists of models, hardware and so on are made of it. */
export async function configurations(db: Kysely<Schema>): Promise<StoredConfiguration[]> {
  const rows = await db
    .selectFrom('latest')
    .innerJoin('configurations', 'configurations.id', 'latest.configuration_id')
    .selectAll('configurations')
    .select(['latest.conc', 'latest.measured_at'])
    .orderBy('model_prefix')
    .orderBy('isl')
    .orderBy('osl')
    .orderBy('hw')
    .orderBy('framework')
    .orderBy('configurations.key')
    .orderBy('conc')
    .execute();
  const groups = new Map<number, (typeof rows)[number][]>();
  for (const row of rows) groups.set(row.id, [...(groups.get(row.id) ?? []), row]);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return {
      id: first.key,
      modelPrefix: first.model_prefix,
      ...{ hw: first.hw, framework: first.framework, precision: first.precision },
      specDecoding: first.spec_decoding,
      ...{ isl: first.isl, osl: first.osl, gpus: first.gpus },
      disagg: first.disagg === 1,
      isMultinode: first.is_multinode === 1,
      concurrencies: group.map(({ conc }) => conc),
      newestAt: new Date(Math.max(...group.map((row) => row.measured_at))).toISOString(),
    };
  });
}
