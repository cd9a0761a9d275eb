import fc from 'fast-check';
import { runs } from './runs.ts';

// Of the properties that do not say how many examples they draw.
fc.configureGlobal({ numRuns: runs(100) });
