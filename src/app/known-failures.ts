import { existsSync } from 'node:fs';
import { z } from 'zod';
import { readYamlAs } from '../config/index.ts';
import type { Engine } from '../engines/index.ts';
import { failureClasses, type KnownFailure } from '../failures/index.ts';
import { knownFailuresFile } from './default-files.ts';

/** A regular expression as people write it, without slashes; upper and lower case are the same. */
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

/** The schema of `runners/known-failures.yaml`: what the logs of this site's engines say that the product does not know. */
export const knownFailuresSchema = z.array(
  z.strictObject({
    /** What one line of the log says. */
    pattern,
    /** What happened, in plain words. */
    meaning: z.string().min(1),
    /** What the operator does about it. */
    todo: z.string().min(1),
    /** What is done about it: see src/failures/classes.md. */
    class: z.enum(failureClasses),
  }),
);

/** The rows of this site, which are asked before the product's own. Throws InputError, with every problem. */
export async function userFailures(file = knownFailuresFile()): Promise<readonly KnownFailure[]> {
  if (!existsSync(file)) return [];
  const { data } = await readYamlAs(file, knownFailuresSchema);
  return data.map(({ class: failureClass, ...row }) => ({ ...row, failureClass }));
}

/** The same engine, which knows this site's failures, too. */
export function knowing(engine: Engine, rows: readonly KnownFailure[]): Engine {
  if (rows.length === 0) return engine;
  return { ...engine, explainExit: (log, facts) => engine.explainExit(log, facts, rows) };
}
