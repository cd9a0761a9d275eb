import type { RunnerPools } from '../../config/index.ts';
import type { SweepFilters } from '../decision.ts';
import type { Limited } from './concurrency.ts';

/** What is asked for of the items of one config. */
export interface Asked {
  readonly limits: Pick<SweepFilters, 'minConc' | 'maxConc' | 'maxTp' | 'maxEp' | 'stepSize'>;
  /** The runners that each entry is made for. */
  readonly runners: readonly string[];
  readonly pools: RunnerPools;
  /** Of the concurrencies that are left, those that were named. */
  readonly chosen: (limited: Limited) => Limited;
}

/** Of concurrencies those that were named, in their order; all where none was. */
export function chosenOf(concurrencies: readonly number[] | undefined): Asked['chosen'] {
  return (limited) => {
    if (concurrencies === undefined || 'droppedBy' in limited) return limited;
    const concs = limited.concs.filter((conc) => concurrencies.includes(conc));
    return concs.length === 0 ? { droppedBy: '--conc' } : { concs };
  };
}
