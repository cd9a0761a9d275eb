/**
 * Makes foreign text, such as a name in an archive, safe for a terminal: one line, with escapes such as `\x1b` or
 * `\u202e` for characters that move the cursor, set colours or change the text direction.
 */
export function printable(text: string): string {
  return withoutCommands(text).replace(
    /(?!\t)[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    escaped,
  );
}

/** Makes a foreign message of several lines safe for a terminal. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

/** GitHub interprets `##[command]` anywhere in a line of a job's log. */
function withoutCommands(text: string): string {
  return text.replaceAll('##[', '## [');
}

function escaped(character: string): string {
  const digits = character.charCodeAt(0).toString(16);
  return digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`;
}
