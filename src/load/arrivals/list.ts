import { rate } from './rate.ts';
import { trace } from './trace.ts';

/** Every pattern of arrivals. */
export const arrivalPatterns = [rate, trace] as const;
