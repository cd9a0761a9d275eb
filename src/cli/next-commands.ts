interface NextCommand {
  readonly command: string;
  readonly purpose: string;
}

/** Suggests what to do after a measurement, one command per line, ready to copy. */
export function nextCommands(invocation: string, resume?: string): string {
  const commands: readonly NextCommand[] = [
    ...(resume === undefined ? [] : [{ command: resume, purpose: 'measure the rest' }]),
    { command: `${invocation} serve`, purpose: 'open the dashboard with all results' },
    { command: `${invocation} run --config-keys KEY`, purpose: 'measure another config' },
    { command: `${invocation} bench serve --help`, purpose: 'measure your own server' },
  ].slice(0, 3);
  const width = Math.max(...commands.map(({ command }) => command.length));
  return ['Next:', ...commands.map(({ command, purpose }) => `  ${command.padEnd(width)}  ${purpose}`)].join(
    '\n',
  );
}
