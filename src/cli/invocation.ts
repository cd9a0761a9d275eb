type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How the user started this program, to print follow-up commands; with `npm run` or `npx`, `inferencemax` is not on the
 * PATH.
 */
export function invocation(environment: Environment): string {
  if (environment.npm_command === 'run-script') return 'npm run -s inferencemax --';
  return environment.npm_command === 'exec' ? 'npx inferencemax' : 'inferencemax';
}
