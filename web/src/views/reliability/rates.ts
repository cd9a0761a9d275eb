import type { ReliabilityDocument } from '../../../../src/server/api.ts';

type Group = ReliabilityDocument['groups'][number];

/** What ended by itself, and how many of these succeeded. */
export interface Count {
  readonly ended: number;
  readonly succeeded: number;
}

export interface Rate extends Count {
  readonly name: string;
  readonly hw: string | null;
  /** The first and the last day with any, if they may differ between rates. */
  readonly days?: readonly [first: string, last: string];
}

export function total(counts: readonly Count[]): Count {
  return {
    ended: counts.reduce((sum, { ended }) => sum + ended, 0),
    succeeded: counts.reduce((sum, { succeeded }) => sum + succeeded, 0),
  };
}

/** The counts of each name, summed over all groups. */
export function ratesBy(
  groups: readonly Group[],
  nameOf: (group: Group) => string,
  what: 'attempts' | 'starts',
): Rate[] {
  return [...Map.groupBy(groups, nameOf)].map(([name, members]) => ({
    name,
    hw: null,
    ...total(members.map((group) => group[what])),
  }));
}
