/**
 * Quotes `argv` for the remote user's POSIX shell. ssh joins its arguments with spaces and passes them to a shell, so
 * this is the only place where a shell parses our text; every word is quoted.
 */
export function remoteCommand(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
