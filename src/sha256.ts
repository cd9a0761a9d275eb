/**
 * SHA-256 of a text as hexadecimal. `node:crypto` takes 7 ms to load, so commands that need no digest do not load it.
 */
export function sha256OfText(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text);
}
