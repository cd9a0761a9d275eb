import { fieldNamed } from './spelling.ts';

const acceptance = fieldNamed('acceptance').entry;

const drafting = fieldNamed('specDecoding');

/** Whether an entry asks for speculative decoding. */
export function draftsTokens(entry: object): boolean {
  return Object.entries(entry).some(
    ([name, value]) => name === drafting.entry && value !== drafting.line.default,
  );
}

/** The acceptance of drafts that an entry asks its engine to have, a length or the name of a curve. */
export function acceptanceOfEntry(entry: object): string | undefined {
  const asked = Object.entries(entry).find(([name]) => name === acceptance)?.[1];
  return typeof asked === 'string' ? asked : undefined;
}

/** Whether an acceptance is a length itself, and not the name of a curve. */
export function isAcceptanceLength(asked: string): boolean {
  return /^\d+(\.\d+)?$/.test(asked);
}
