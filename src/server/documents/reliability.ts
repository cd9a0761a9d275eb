import { z } from 'zod';

/** Attempts at points: how many there were and how many gave a measurement. */
const rate = z.object({ attempts: z.int().nonnegative(), succeeded: z.int().nonnegative() });

/** `reliability`: how often what was started gave a measurement. */
export const reliabilityDocument = z.object({
  byHardware: z.array(rate.extend({ hw: z.string() })),
  byFramework: z.array(rate.extend({ framework: z.string() })),
  byHardwareAndFramework: z.array(rate.extend({ hw: z.string(), framework: z.string() })),
  /** The most frequent first. */
  failures: z.array(
    z.object({
      failureClass: z.string(),
      hw: z.string(),
      framework: z.string(),
      count: z.int().positive(),
      lastAt: z.iso.datetime(),
      /** What the last one said. */
      lastMessage: z.string(),
    }),
  ),
  /** By UTC day, oldest first, at most a year. */
  byDay: z.array(rate.extend({ day: z.iso.date() })),
});
