import { z } from 'zod';
import { pathPart } from '../../derived/path-part.ts';
import { entryFields, type IdentityField, rowIdentity } from '../../identity/index.ts';
import { configurationOf } from '../configuration.ts';
import type { IncomingPlannedPoint, PlannedParts, PlannedSession } from './journal.ts';
import { isStorableText, largestInteger, longestName } from './storable.ts';

const storable = z.string().refine(isStorableText, 'has a character that a database cannot store');
const name = storable.max(longestName);
const whole = z.int().nonnegative().max(largestInteger);

/** The page of a run is a file named after its id. */
export const longestSweepId = 200;

/** Bounded, so that the number of GPUs of all workers fits a column. */
const layoutCount = z.int().nonnegative().max(10_000);

/** The schema of plan values for each type of field. */
const values: Readonly<Record<IdentityField['line']['type'], (isOfLayout: boolean) => z.ZodType>> = {
  text: () => name,
  count: (isOfLayout) => (isOfLayout ? layoutCount : whole),
  flag: () => z.boolean(),
  'spelled-flag': () => z.boolean(),
  product: () => z.strictObject({ name: name.regex(/^\S+$/), version: name.optional() }),
};

/** The fields of a plan's entries; plans of older versions may lack fields that have a default. */
function planned(isWanted: (line: IdentityField['line']) => boolean): Readonly<Record<string, z.ZodType>> {
  return Object.fromEntries(
    entryFields
      .filter(({ line }) => isWanted(line))
      .map(({ line, entry }) => {
        const schema = values[line.type](line.of !== 'entry');
        if (line.optional === true) return [entry, schema.optional()];
        return [entry, line.default === undefined ? schema : schema.default(line.default)];
      }),
  );
}

const shared = planned(({ of, part }) => of === 'entry' && part !== 'none');
const workers = z.looseObject(planned(({ of }) => of !== 'entry'));
const multiNodeEntry = z.looseObject({ ...shared, prefill: workers, decode: workers });
const singleNodeEntry = z.looseObject({ ...shared, ...planned(({ of }) => of === 'layout') });
const entrySchema = z.union([multiNodeEntry, singleNodeEntry]);

const pointSchema = z.looseObject({
  id: name,
  conc: whole,
  hardware: name,
  entry: entrySchema,
  /** GPUs of each phase; in older plans workers × tensor parallelism. */
  phaseGpus: z.object({ prefill: layoutCount, decode: layoutCount }).optional(),
});
const sessionSchema = z.looseObject({
  id: name,
  hardware: name,
  runner: name,
  framework: name,
  image: name,
  model: name,
  points: z.array(pointSchema),
});

/** The fields of a `sweep.json` that the store reads; a sweep of another version may lack its plan. */
export const sweepFileSchema = z.looseObject({
  sweepId: name.min(1).refine((id) => pathPart(id).length <= longestSweepId, 'is too long for a name'),
  createdAt: z.iso.datetime(),
  command: storable.default(''),
  gitSha: name.optional(),
  gitRef: name.optional(),
  plan: z
    .looseObject({ sessions: z.array(sessionSchema) })
    .optional()
    .catch(undefined),
});
export type SweepFile = z.infer<typeof sweepFileSchema>;

/** A plan's sessions and points by id. */
export function plannedParts({ plan }: SweepFile): PlannedParts {
  const sessions = new Map<string, PlannedSession>();
  const points = new Map<string, IncomingPlannedPoint>();
  for (const { id, hardware, runner, framework, image, model, points: planned } of plan?.sessions ?? []) {
    sessions.set(id, { hw: hardware, runner, framework, image, model });
    for (const point of planned) {
      const configuration = configurationOf(rowIdentity(point));
      points.set(point.id, { configuration, conc: point.conc });
    }
  }
  return { sessions, points };
}
