import { z } from 'zod';
import { markOf } from '../../store/index.ts';
import { publicLink } from '../privacy.ts';

/** The origin of a point. */
export const origin = z.object({
  /** `run`, `artifact`, `import`, or `public` for results of the public project. */
  source: z.string(),
  /** URL of the CI run; null if unknown. */
  runUrl: z.string().nullable(),
  /** The mark shown next to every point of the source, such as `thinned copy`; null without one. */
  mark: z.string().nullable(),
});

/** The origin of a point, with its link only if it leads to a web page. */
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
