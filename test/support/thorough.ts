import fc from 'fast-check';
import { runs } from './runs.ts';

// For properties that do not set their number of examples.
fc.configureGlobal({ numRuns: runs(100) });
