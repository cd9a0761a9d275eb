import { useMemo } from 'preact/hooks';
import { type Names, namesIn } from './names-in.ts';
import { shownOf, useDocument } from './use-loaded.ts';

export type { Names } from './names-in.ts';

/** Display names; keys are shown until the index is loaded. */
export function useNames(): Names {
  const index = shownOf(useDocument('index'));
  return useMemo(() => namesIn(index), [index]);
}
