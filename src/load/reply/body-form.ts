/** What a body is: server-sent events, JSON (whole or in lines), or something that no engine answers with. */
export type BodyForm = 'events' | 'json' | 'other';

/** Bytes that do not tell what a body is: white space, and those of UTF-8's byte order mark. */
const leading = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
const openingBrace = 0x7b;
const openingBracket = 0x5b;
/** The first letters of `data`, `event`, `error`, `id` and `retry`, and the colon of a comment. */
const eventBytes = new Set([...'deir:'].map((letter) => letter.charCodeAt(0)));

/** The offset of the first byte of `buffer[start, end)` that tells what a body is; `end` if none does. */
export function startOfText(buffer: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && leading.has(buffer[at] ?? 0)) at++;
  return at;
}

/**
 * What a body is, by its first telling byte and its content type. The type alone would not do: proxies send streams as
 * `application/json`, `text/plain` or without a type, and servers send lines of JSON as `text/event-stream`.
 */
export function bodyForm(firstByte: number, contentType: string): BodyForm {
  if (firstByte === openingBrace || firstByte === openingBracket) return 'json';
  if (/^text\/event-stream\b/i.test(contentType)) return 'events';
  return eventBytes.has(firstByte) && !/^text\/html\b/i.test(contentType) ? 'events' : 'other';
}

/** Whether a content type is one that bodies of a form have by their standard, or that says nothing of a failure. */
export function isUsualType(form: BodyForm, contentType: string): boolean {
  if (form === 'other') return true;
  return form === 'events'
    ? /^text\/event-stream\b/i.test(contentType)
    : /^application\/(json|x-ndjson|ndjson|jsonl|x-jsonlines)\b/i.test(contentType);
}
