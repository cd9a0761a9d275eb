import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { inParts } from './in-parts.ts';

/** The subjects of a sweep: those of its measurements, published or not, and of its accuracy scores. */
export interface SweepSubjects {
  /** Model prefixes, sorted by name like the lists below. */
  readonly models: readonly string[];
  readonly hardware: readonly string[];
  /** Hardware that has scores but no measurement in the sweep. */
  readonly onlyScored: readonly string[];
  readonly frameworks: readonly string[];
  readonly scores: number;
}

/** Subjects by sweep id, without sweeps that measured and scored nothing. */
export async function sweepSubjects(
  db: Kysely<Schema>,
  keys: readonly string[],
): Promise<ReadonlyMap<string, SweepSubjects>> {
  const measured = await inParts(keys, async (some) => await measuredBy(db, some));
  const scored = await inParts(keys, async (some) => await scoredBy(db, some));
  const bySweep = Map.groupBy([...measured, ...scored], ({ key }) => key);
  const hasPoints = new Set(measured.map(({ key, hw }) => `${key} ${hw}`));
  return new Map(
    [...bySweep].map(([key, subjects]) => [
      key,
      {
        models: each(subjects.map(({ model }) => model)),
        hardware: each(subjects.map(({ hw }) => hw)),
        onlyScored: each(subjects.flatMap(({ hw }) => (hasPoints.has(`${key} ${hw}`) ? [] : [hw]))),
        frameworks: each(subjects.map(({ framework }) => framework)),
        scores: subjects.reduce((sum, { scores }) => sum + Number(scores ?? 0), 0),
      },
    ]),
  );
}

interface Subject {
  readonly key: string;
  readonly model: string | null;
  readonly hw: string;
  readonly framework: string;
  readonly scores?: number | string | bigint;
}

async function measuredBy(db: Kysely<Schema>, keys: readonly string[]): Promise<readonly Subject[]> {
  return await db
    .selectFrom('measurements')
    .innerJoin('sweeps', 'sweeps.id', 'measurements.sweep_id')
    .innerJoin('configurations', 'configurations.id', 'measurements.configuration_id')
    .select([
      'sweeps.key',
      'configurations.model_prefix as model',
      'configurations.hw',
      'configurations.framework',
    ])
    .where('sweeps.key', 'in', keys)
    .distinct()
    .execute();
}

async function scoredBy(db: Kysely<Schema>, keys: readonly string[]): Promise<readonly Subject[]> {
  return await db
    .selectFrom('evals')
    .innerJoin('sweeps', 'sweeps.id', 'evals.sweep_id')
    .select(['sweeps.key', 'evals.model_prefix as model', 'evals.hw', 'evals.framework'])
    .select(({ fn }) => fn.countAll<number>().as('scores'))
    .where('sweeps.key', 'in', keys)
    .groupBy(['sweeps.key', 'evals.model_prefix', 'evals.hw', 'evals.framework'])
    .execute();
}

function each(values: readonly (string | null)[]): string[] {
  return [...new Set(values.flatMap((value) => (value === null || value === '' ? [] : [value])))].toSorted();
}
