const deepest = 512;
const quote = 34;
const backslash = 92;

/**
 * Whether JSON is nested more deeply than any engine's: `JSON.parse` takes gigabytes and many seconds for tens of
 * megabytes of opening brackets.
 */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (isString) {
      if (code === backslash) at++;
      else if (code === quote) isString = false;
    } else if (code === quote) isString = true;
    else if (code === 91 || code === 123) {
      if (++depth > deepest) return true;
    } else if (code === 93 || code === 125) depth--;
  }
  return false;
}
