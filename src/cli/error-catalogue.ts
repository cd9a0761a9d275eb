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
  const { restarts, remeasurements, otherNodes, backoffS, mostBackoffS, node } = failureTable[failureClass];
  const here = [
    ...(restarts === 0 ? [] : [`restarts the engine ${times(restarts)}`]),
    ...(remeasurements === 0 ? [] : [`repeats the measurement ${times(remeasurements)}`]),
  ].join(' or ');
  const most = mostBackoffS === undefined ? '' : ` to ${mostBackoffS}`;
  const wait = backoffS === 0 ? '' : `, after ${backoffS}${most} s`;
  const others = otherNodes === 1 ? '1 other node' : `up to ${otherNodes} other nodes`;
  const tries = [
    ...(here === '' ? [] : [`${here} on the same node${wait}`]),
    ...(otherNodes === 0 ? [] : [`tries ${others}`]),
  ];
  const then = tries.length === 0 ? 'stops' : tries.join(', then ');
  return `${failsEverywhere(failureClass) ? 'does not retry' : then}; ${verdicts[node]}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `up to ${count} times`;
}

const verdicts = {
  innocent: 'the node is not blamed',
  compared: 'the node is blamed if another node succeeds',
  suspect: 'the node is blamed if it fails two sessions in a row, or if another node succeeds',
  guilty: 'the node is quarantined until `doctor` finds it healthy',
} as const;
