/** A command as it is typed into a POSIX shell: every argument quoted that needs it. */
export function shellLine(args: readonly string[]): string {
  return args
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

/** The same over several lines, one for each option. */
export function shellLines(args: readonly string[]): string {
  return args
    .map((arg, index) =>
      index > 0 && arg.startsWith('-')
        ? ` \\\n  ${shellLine([arg])}`
        : `${index > 0 ? ' ' : ''}${shellLine([arg])}`,
    )
    .join('');
}
