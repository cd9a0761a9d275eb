/** Why a test ended. */
export const endings = ['requests', 'duration', 'precision', 'saturation', 'errors', 'interruption'] as const;
export type Ending = (typeof endings)[number];
