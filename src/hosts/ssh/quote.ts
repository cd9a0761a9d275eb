/**
 * One text that the remote user's POSIX shell takes apart into exactly `argv`. ssh joins its arguments with spaces and
 * has them read by a shell, so this is the one place where a shell reads something of ours; every word is quoted.
 */
export function remoteCommand(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
