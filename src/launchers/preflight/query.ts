import { type Host, runOn } from '../host.ts';
import type { Query } from './accelerators.ts';

const queryMs = 30_000;

/** Asks a host, or through `prefix` a node beyond it. */
export function queryOn(host: Host, prefix: readonly string[] = []): Query {
  return async (argv) => await runOn(host, [...prefix, ...argv], { timeoutMs: queryMs });
}
