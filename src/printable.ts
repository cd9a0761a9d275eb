/**
 * A text from elsewhere, such as a name in an archive, as a terminal may have it: in one line, and with what would move
 * its cursor, colour it or turn the order of its letters around written as `\x1b` or `\u202e`.
 */
export function printable(text: string): string {
  return withoutCommands(text).replace(
    /(?!\t)[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    escaped,
  );
}

/** The same for a message of several lines. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

/** GitHub takes `##[command]` anywhere in a line of a job's log for one of its own. */
function withoutCommands(text: string): string {
  return text.replaceAll('##[', '## [');
}

function escaped(character: string): string {
  const digits = character.charCodeAt(0).toString(16);
  return digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`;
}
