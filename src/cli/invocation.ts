type Environment = Readonly<Record<string, string | undefined>>;

/** How this product was started, as the beginning of the next command: what npm runs is on nobody's PATH. */
export function invocation(environment: Environment): string {
  if (environment.npm_command === 'run-script') return 'npm run -s inferencemax --';
  return environment.npm_command === 'exec' ? 'npx inferencemax' : 'inferencemax';
}
