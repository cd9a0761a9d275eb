/** Whether a server that listens on one address accepts connections to another. */
function covers(listening: string, wanted: string): boolean {
  if (listening === wanted || listening === '0.0.0.0') return true;
  const loopback = ['localhost', '127.0.0.1'];
  return loopback.includes(listening) && loopback.includes(wanted);
}

/**
 * The flag that makes an engine listen on `host`. Omitted if the recipe names an address, or if the engine's default
 * covers it, so that commands equal those of the public scripts.
 */
export function hostFlag(args: readonly string[], host: string, engineDefault: string): string[] {
  const named = args.some((arg) => arg === '--host' || arg.startsWith('--host='));
  return named || covers(engineDefault, host) ? [] : ['--host', host];
}
