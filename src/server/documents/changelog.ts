import { z } from 'zod';

export const changelogEntry = z.object({
  /** As written: wildcards allowed. */
  configKeys: z.array(z.string()),
  description: z.array(z.string()),
  prLink: z.string().nullable(),
  /** When it was first seen, ISO 8601; null where that is not known. */
  addedAt: z.iso.datetime().nullable(),
});

/** `changelog`: what was asked to be measured again, and why; newest first. */
export const changelogDocument = z.object({ entries: z.array(changelogEntry) });
