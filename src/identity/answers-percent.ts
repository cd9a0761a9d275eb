import { fieldNamed } from './spelling.ts';

/** The name of the field in configs. */
export const answersField = fieldNamed('answersPercent').entry;

/** The share of an entry's requests that are questions with known answers, 0 to 1; undefined if there are none. */
export function answersShareOf(entry: object): number | undefined {
  const asked = Object.entries(entry).find(([name]) => name === answersField)?.[1];
  return typeof asked === 'number' ? asked / 100 : undefined;
}
