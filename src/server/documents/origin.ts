import { z } from 'zod';
import { markOf } from '../../store/index.ts';
import { publicLink } from '../privacy.ts';

/** Where a point came from. */
export const origin = z.object({
  /** `run`, `artifact`, `import`, or `public` for results of the public project. */
  source: z.string(),
  /** URL of the CI run; null where none is known. */
  runUrl: z.string().nullable(),
  /** What is to be said beside every point of the source, such as `thinned copy`; null for nothing. */
  mark: z.string().nullable(),
});

export function originOf({
  source,
  runUrl,
}: {
  readonly source: string;
  readonly runUrl: string | null;
}): z.infer<typeof origin> {
  return {
    source,
    runUrl: runUrl === null ? null : (publicLink(runUrl) ?? null),
    mark: markOf(source),
  };
}
