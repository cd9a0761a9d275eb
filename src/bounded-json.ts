/** No result, row, journal or config is nested this deeply; recursive code would overflow the stack. */
const deepest = 128;

const [quote, backslash, openList, openMap, closeList, closeMap] = [34, 92, 91, 123, 93, 125];

/**
 * Parses JSON. Throws SyntaxError if it is invalid, and an Error if it is nested so deeply that recursive code would
 * run out of stack.
 */
export function parseJson(text: string): unknown {
  requireShallow(text);
  return JSON.parse(text);
}

/** Up to a thousand strings without escapes, and texts between strings and brackets; the engine's stack limits them. */
const flatText = /(?:[^"[\]{}]+|"[^"\\]*"){0,1000}/y;

/** Most of a text is neither a bracket nor a string with escapes, and a regular expression skips it fastest. */
function requireShallow(json: string): void {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    flatText.lastIndex = at;
    flatText.test(json);
    at = flatText.lastIndex;
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at + 1);
    else if (code === openList || code === openMap) {
      if (++depth > deepest) throw new Error(`it is nested more than ${deepest} levels deep`);
    } else if (code === closeList || code === closeMap) depth--;
    // A thousand parts were skipped, and a further one begins here.
    else at--;
  }
}

/** The offset of the quote that ends a string whose content starts at `start`; the end of the text if there is none. */
function endOfString(json: string, start: number): number {
  for (let at = start; ; ) {
    const end = json.indexOf('"', at);
    if (end === -1) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === backslash) backslashes++;
    if (backslashes % 2 === 0) return end;
    at = end + 1;
  }
}
