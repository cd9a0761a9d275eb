import { existsSync } from 'node:fs';
import { z } from 'zod';
import { readYamlAs } from '../config/index.ts';
import type { Engine } from '../engines/index.ts';
import { failureClasses, type KnownFailure } from '../failures/index.ts';
import { knownFailuresFile } from './default-files.ts';

/** A case-insensitive regular expression without slashes. */
const pattern = z
  .string()
  .min(1)
  .transform((text, context) => {
    try {
      return new RegExp(text, 'i');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: 'custom', message: `is not a valid regular expression: ${why}` });
      return z.NEVER;
    }
  });

/**
 * The schema of `runners/known-failures.yaml`: lines in engine logs that this site can explain and the
 * product cannot.
 */
export const knownFailuresSchema = z.array(
  z.strictObject({
    /** Matches a line of the log. */
    pattern,
    /** What happened, in plain words. */
    meaning: z.string().min(1),
    /** What the operator should do. */
    todo: z.string().min(1),
    /** How the failure is handled: see src/failures/classes.md. */
    class: z.enum(failureClasses),
  }),
);

/**
 * The known failures of this site, which are matched before the product's own. Throws InputError with every
 * problem.
 */
export async function userFailures(file = knownFailuresFile()): Promise<readonly KnownFailure[]> {
  if (!existsSync(file)) return [];
  const { data } = await readYamlAs(file, knownFailuresSchema);
  return data.map(({ class: failureClass, ...row }) => ({ ...row, failureClass }));
}

/** The same engine, extended by this site's known failures. */
export function knowing(engine: Engine, rows: readonly KnownFailure[]): Engine {
  if (rows.length === 0) return engine;
  return { ...engine, explainExit: (log, facts) => engine.explainExit(log, facts, rows) };
}
