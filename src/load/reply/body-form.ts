/** The form of a body: server-sent events, JSON (a single text or lines), or something that no engine sends. */
export type BodyForm = 'events' | 'json' | 'other';

/** Bytes that say nothing about a body's form: white space, and UTF-8's byte order mark. */
const leading = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
const openingBrace = 0x7b;
const openingBracket = 0x5b;
/** The first letters of `data`, `event`, `error`, `id` and `retry`, and the colon of a comment. */
const eventBytes = new Set([...'deir:'].map((letter) => letter.charCodeAt(0)));

/** The offset of the first significant byte of `buffer[start, end)`; `end` if there is none. */
export function startOfText(buffer: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && leading.has(buffer[at] ?? 0)) at++;
  return at;
}

/**
 * The form of a body, from its first significant byte and content type. The type alone is not enough: proxies send
 * streams as `application/json`, `text/plain` or without a type, and servers send lines of JSON as `text/event-stream`.
 */
export function bodyForm(firstByte: number, contentType: string): BodyForm {
  if (firstByte === openingBrace || firstByte === openingBracket) return 'json';
  if (/^text\/event-stream\b/i.test(contentType)) return 'events';
  return eventBytes.has(firstByte) && !/^text\/html\b/i.test(contentType) ? 'events' : 'other';
}

/** Whether a content type is standard for a form of body. Always true for `other`. */
export function isUsualType(form: BodyForm, contentType: string): boolean {
  if (form === 'other') return true;
  return form === 'events'
    ? /^text\/event-stream\b/i.test(contentType)
    : /^application\/(json|x-ndjson|ndjson|jsonl|x-jsonlines)\b/i.test(contentType);
}
