import type { RunnerPools } from '../../config/index.ts';
import type { SweepFilters } from '../decision.ts';
import type { Limited } from './concurrency.ts';

/** What is requested for the items of a config. */
export interface Asked {
  readonly limits: Pick<SweepFilters, 'minConc' | 'maxConc' | 'maxTp' | 'maxEp' | 'stepSize'>;
  /** The runners to generate each entry for. */
  readonly runners: readonly string[];
  readonly pools: RunnerPools;
  /** Selects the named concurrencies from the remaining ones. */
  readonly chosen: (limited: Limited) => Limited;
}

/** Selects the named concurrencies, in order; all if none are named. */
export function chosenOf(concurrencies: readonly number[] | undefined): Asked['chosen'] {
  return (limited) => {
    if (concurrencies === undefined || 'droppedBy' in limited) return limited;
    const concs = limited.concs.filter((conc) => concurrencies.includes(conc));
    return concs.length === 0 ? { droppedBy: '--conc' } : { concs };
  };
}
