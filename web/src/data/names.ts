import { useMemo } from 'preact/hooks';
import { type Names, namesIn } from './names-in.ts';
import { shownOf, useDocument } from './use-loaded.ts';

export type { Names } from './names-in.ts';

/** The names of what there is; until the index is there every key goes by itself. */
export function useNames(): Names {
  const index = shownOf(useDocument('index'));
  return useMemo(() => namesIn(index), [index]);
}
