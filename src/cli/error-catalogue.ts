import { type ErrorArea, errorAreas, errorTable, isErrorCode } from '../error-codes.ts';
import {
  type FailureClass,
  failsEverywhere,
  failureClasses,
  failureTable,
  isFailureClass,
} from '../failures/index.ts';

/** The meaning of a code: of an error, or of a failure of a point or an engine in a sweep. */
export interface CodeMeaning {
  readonly code: string;
  readonly area: ErrorArea | 'failure class';
  readonly meaning: string;
  readonly todo: string;
}

/** What a code means; undefined if there is no such code. */
export function meaningOf(code: string): CodeMeaning | undefined {
  if (isErrorCode(code)) return { code, ...errorTable[code] };
  if (!isFailureClass(code)) return undefined;
  return {
    code,
    area: 'failure class',
    meaning: failureTable[code].means,
    todo: `a sweep ${nextOf(code)}`,
  };
}

/** Every code, by area. */
export function allCodes(): readonly CodeMeaning[] {
  const errors = Object.keys(errorTable);
  const all = [...errors, ...failureClasses.filter((one) => !errors.includes(one))];
  const meanings = all.flatMap((code) => meaningOf(code) ?? []);
  const areas: readonly string[] = [...errorAreas, 'failure class'];
  return meanings.toSorted((a, b) => areas.indexOf(a.area) - areas.indexOf(b.area));
}

/** What a sweep does after a failure of this class. */
export function nextOf(failureClass: FailureClass): string {
  const { restarts, otherNodes, backoffS, node } = failureTable[failureClass];
  const wait = backoffS === 0 ? '' : `, after ${backoffS} s at first`;
  const tries = [
    ...(restarts === 0 ? [] : [`restarts it on the same node up to ${restarts} times${wait}`]),
    ...(otherNodes === 0 ? [] : [`tries up to ${otherNodes} other ${otherNodes === 1 ? 'node' : 'nodes'}`]),
  ];
  const then = failsEverywhere(failureClass) || tries.length === 0 ? 'does not retry' : tries.join(', then ');
  return `${then}; ${verdicts[node]}`;
}

const verdicts = {
  innocent: 'the node is not blamed',
  compared: 'the node is blamed if another node succeeds',
  suspect: 'the node is blamed if it fails two sessions in a row, or if another node succeeds',
  guilty: 'the node is quarantined until `doctor` finds it healthy',
} as const;
