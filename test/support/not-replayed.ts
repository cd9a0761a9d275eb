import type { Replayer } from '../../src/sweep/index.ts';

/** The replayer of a sweep that measures no agent sessions. */
export const notReplayed: Replayer = async () => {
  throw new Error('no sessions are replayed here');
};
