import { type CommandOutput, type Host, runOn } from '../../hosts/host.ts';
import { EngineFailure } from '../engine-failure.ts';

const queryMs = 30_000;

/** Runs a query on the node that is asked about. */
export type Query = (argv: readonly string[]) => Promise<CommandOutput>;

/** Asks a host, or through `prefix` a node beyond it. */
export function queryOn(host: Host, prefix: readonly string[] = []): Query {
  return async (argv) => await runOn(host, [...prefix, ...argv], { timeoutMs: queryMs });
}

/** What `read` makes of a tool's output. Throws EngineFailure, in the tool's own words, where that is nothing. */
export async function answer<T>(
  query: Query,
  argv: readonly string[],
  read: (output: string) => T,
): Promise<T> {
  const { code, stdout, stderr } = await query(argv);
  if (code !== 0) {
    const said = `${stderr}\n${stdout}`.trim().split('\n')[0] ?? '';
    throw new EngineFailure('cannot-start', `${argv[0]} does not answer: ${said || `exit code ${code}`}`);
  }
  try {
    return read(stdout);
  } catch {
    throw new EngineFailure('cannot-start', `${argv[0]} answered: ${stdout.trim().slice(0, 200)}`);
  }
}
