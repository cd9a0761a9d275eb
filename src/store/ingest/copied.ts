import type { Kysely } from 'kysely';
import { reasonFor } from '../../schema-words.ts';
import { removeMeasurements } from '../remove.ts';
import type { Schema } from '../schema.ts';
import type { SweepSource } from '../sources.ts';
import { incomingEval } from './evals.ts';
import type { Incoming, IncomingMeasurement, QuarantinedFile } from './incoming.ts';
import { measuredOf } from './measured.ts';
import { type IngestOutcome, write } from './write.ts';
import { writing } from './writing.ts';

/** One run of another project, as available there. */
export interface CopiedRun {
  /** The id of the sweep. */
  readonly id: string;
  /** The command that copied it. */
  readonly command: string;
  /** The URL of its page. */
  readonly url: string;
  readonly at: Date;
  readonly points: readonly CopiedPoint[];
  readonly scores: readonly CopiedScore[];
}

export interface CopiedPoint {
  /** Its name in messages. */
  readonly name: string;
  readonly row: unknown;
  readonly at: Date;
  /** Mean total power of all accelerators, if known. */
  readonly powerW: number | null;
}

/** An eval row. Its `source` is its name in the other project; a score of the same name replaces it. */
export interface CopiedScore {
  readonly name: string;
  readonly row: unknown;
  readonly at: Date;
}

/**
 * Stores a run of another project in one transaction. Storing it again adds nothing; a point or score that
 * was corrected there replaces the one here.
 */
export async function ingestCopied(
  db: Kysely<Schema>,
  source: SweepSource,
  run: CopiedRun,
): Promise<IngestOutcome> {
  const incoming = incomingOf(source, run);
  return await writing(db, `cannot add ${run.url} to the store`, async (transaction) => {
    await removeCorrected(transaction, incoming);
    return await write(transaction, incoming, quarantineName(source, run.url), Date.now());
  });
}

/** The `source` of quarantined rows of a copied run. */
export function quarantineName({ name }: SweepSource, url: string): string {
  return `${name}: ${url}`;
}

function incomingOf(source: SweepSource, { id, command, url, at, points, scores }: CopiedRun): Incoming {
  const quarantined: QuarantinedFile[] = [];
  const orQuarantined = <Value>(name: string, value: unknown, read: () => Value): Value[] => {
    try {
      return [read()];
    } catch (error) {
      const content = Buffer.from(JSON.stringify(value));
      quarantined.push({ file: name, reason: reasonFor(error), content });
      return [];
    }
  };
  return {
    sweep: {
      key: id,
      created_at: at.getTime(),
      command,
      source: source.name,
      url,
      git_sha: null,
      git_ref: null,
      location: null,
      planned: null,
      state: 'unknown',
    },
    measured: points.flatMap(({ name, row, at: measuredAt, powerW }) =>
      orQuarantined(name, row, (): IncomingMeasurement => {
        const measured = measuredOf(undefined, row, { file: name, measuredAt: measuredAt.getTime() });
        const remarks = source.remark === undefined ? [] : [source.remark];
        return { ...measured, reasons: [...measured.reasons, ...remarks], powerW };
      }),
    ),
    evals: scores.flatMap(({ name, row, at: scoredAt }) =>
      orQuarantined(name, row, () => incomingEval(row, scoredAt.getTime())),
    ),
    sessions: [],
    attempts: [],
    changelog: [],
    quarantined,
  };
}

/** Removes points and scores of the run that have other figures now. */
async function removeCorrected(db: Kysely<Schema>, { sweep, measured, evals }: Incoming): Promise<void> {
  const known = await db.selectFrom('sweeps').select('id').where('key', '=', sweep.key).executeTakeFirst();
  if (known === undefined) return;
  const points = await db
    .selectFrom('measurements')
    .innerJoin('configurations', 'configurations.id', 'measurements.configuration_id')
    .select(['measurements.id', 'measurements.key', 'measurements.conc', 'configurations.key as of'])
    .where('sweep_id', '=', known.id)
    .execute();
  const keys = new Map(
    measured.map(({ configuration, conc, key }) => [`${configuration?.key} ${conc}`, key]),
  );
  const corrected = points.filter(({ of, conc, key }) => (keys.get(`${of} ${conc}`) ?? key) !== key);
  await removeMeasurements(
    db,
    corrected.map(({ id }) => id),
  );
  for (const { source, key } of evals) {
    if (source === null || source === undefined) continue;
    await db
      .deleteFrom('evals')
      .where('sweep_id', '=', known.id)
      .where('source', '=', source)
      .where('key', '!=', key)
      .execute();
  }
}
