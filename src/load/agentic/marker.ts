import { createHash } from 'node:crypto';

/** One play of a tree of sessions. */
export interface Play {
  /** The id of the run. */
  readonly run: string;
  /** How often the trace was played before in this lane. */
  readonly pass: number;
  readonly lane: number;
  /** The trace, or any of its conversations. */
  readonly conversation: string;
}

/** Text before the first user message that gives each play of a tree blocks of its own in a prefix cache. */
export function cacheMarker({ run, pass, lane, conversation }: Play): string {
  const [trace] = conversation.split('::', 1);
  const digest = createHash('sha256').update(`${run}:${pass}:${lane}:${trace}`).digest('hex');
  return `[rid:${digest.slice(0, 12)}]\n\n`;
}
