import { fieldOf } from './json-fields.ts';

/** Fields under which servers say what went wrong, the most telling first. */
const messageKeys = [
  'message',
  'msg',
  'error_message',
  'error_msg',
  'errmsg',
  'err_msg',
  'detail',
  'details',
  'reason',
  'description',
  'error',
  'errors',
  'code',
  'status_code',
];
const nothing = new Set<unknown>([undefined, null, '', false, 0]);

/** What an `error` field says; undefined for one that says nothing: null, '', {}, [], false or 0. */
export function errorText(error: unknown): string | undefined {
  if (nothing.has(error)) return undefined;
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return String(error);
  if (Object.keys(error).length === 0) return undefined;
  return messageIn(error) ?? JSON.stringify(error);
}

/** The text by which an object of no known form says that something went wrong; undefined if it says nothing. */
export function messageIn(value: unknown): string | undefined {
  for (const key of messageKeys) {
    const found = fieldOf(value, key);
    if (nothing.has(found)) continue;
    if (typeof found === 'string') return found;
    if (typeof found === 'object' && found !== null && Object.keys(found).length === 0) continue;
    return typeof found === 'number' ? JSON.stringify(value) : (messageIn(found) ?? JSON.stringify(found));
  }
  return undefined;
}
