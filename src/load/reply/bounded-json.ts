import { BrokenReply } from './broken-reply.ts';

/** Only texts above this length can hold enough to hurt. */
const harmlessLength = 16_384;
const deepest = 512;
/** Twenty megabytes of log probabilities are within it. */
const mostValues = 2 ** 21;
const quote = 34;
const backslash = 92;
const comma = 44;

/**
 * The value of a text of JSON; undefined if it is none. Throws BrokenReply for one that is nested more deeply, or has
 * more values, than any engine's: `JSON.parse` takes gigabytes and many seconds for tens of megabytes of brackets.
 */
export function parseBounded(text: string): unknown {
  if (text.length > harmlessLength) checkBounds(text);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counts in one scan, which stops at a bound; every value but the first of a list stands behind a comma. */
function checkBounds(json: string): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at + 1);
    else if (code === comma) values++;
    else if (code === 91 || code === 123) {
      values++;
      if (++depth > deepest)
        throw new BrokenReply('malformed-event', 'an event of JSON is nested too deeply');
    } else if (code === 93 || code === 125) depth--;
    if (values > mostValues)
      throw new BrokenReply(
        'malformed-event',
        `an event of JSON has more than ${mostValues} values, too many to be read`,
      );
  }
}

/** The offset of the quote that closes a string whose content begins at `start`; the end of the text without one. */
function endOfString(json: string, start: number): number {
  for (let at = start; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at;
  }
  return json.length;
}
