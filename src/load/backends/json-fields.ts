import { BrokenReply } from '../reply/broken-reply.ts';

/** The object or list under a key; undefined if there is none. */
export function objectAt(value: unknown, key: string): object | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'object' && found !== null ? found : undefined;
}

export function numberAt(value: unknown, key: string): number | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

export function stringAt(value: unknown, key: string): string | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'string' ? found : undefined;
}

export function listAt(value: unknown, key: string): readonly unknown[] | undefined {
  const found: unknown = fieldOf(value, key);
  return Array.isArray(found) ? found : undefined;
}

export function fieldOf(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

/** Whether a value of parsed JSON is an object or a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The index that an event gives for a choice; `position` if that index is missing or invalid. */
export function choiceIndexOf(value: unknown, position: number): number {
  const index = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < indexEnd
    ? index
    : position;
}

const indexEnd = 65_536;

/** Throws BrokenReply if a list of choices, or of their parts, is longer than any request asks for. */
export function checkChoices(list: readonly unknown[]): void {
  if (list.length <= mostChoices) return;
  throw new BrokenReply('malformed-event', `an event lists ${list.length} choices, more than ${mostChoices}`);
}

const mostChoices = 1024;
