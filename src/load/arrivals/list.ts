import { rate } from './rate.ts';
import { trace } from './trace.ts';

/** All arrival patterns. */
export const arrivalPatterns = [rate, trace] as const;
