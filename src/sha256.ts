/**
 * SHA-256 of a text, in hexadecimal. `node:crypto` takes 7 ms to load, so that commands which need no digest do without.
 */
export function sha256OfText(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', text);
}
