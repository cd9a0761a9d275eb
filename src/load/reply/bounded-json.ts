import { BrokenReply } from './broken-reply.ts';

/** Shorter texts cannot contain enough to do harm. */
const harmlessLength = 16_384;
const deepest = 512;
/** Enough for twenty megabytes of log probabilities. */
const mostValues = 2 ** 21;
const quote = 34;
const backslash = 92;
const comma = 44;

/**
 * The value of a JSON text; undefined if it is invalid. Throws BrokenReply if it is nested more deeply, or has more
 * values, than anything an engine sends: for tens of megabytes of brackets, `JSON.parse` would need gigabytes and many
 * seconds.
 */
export function parseBounded(text: string): unknown {
  if (text.length > harmlessLength) checkBounds(text);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counts in a single scan that stops at a limit; every value but the first of a list follows a comma. */
function checkBounds(json: string): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at + 1);
    else if (code === comma) values++;
    else if (code === 91 || code === 123) {
      values++;
      if (++depth > deepest) throw new BrokenReply('malformed-event', 'a JSON event is nested too deeply');
    } else if (code === 93 || code === 125) depth--;
    if (values > mostValues)
      throw new BrokenReply(
        'malformed-event',
        `a JSON event has more than ${mostValues} values, the most that is read`,
      );
  }
}

/**
 * The offset of the quote that closes a string whose content starts at `start`; the end of the text if there is none.
 */
function endOfString(json: string, start: number): number {
  for (let at = start; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at;
  }
  return json.length;
}
