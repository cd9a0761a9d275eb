import type { LoadError, RawResult } from '../../src/load/index.ts';
import type { Exchange } from './exchange.ts';
import type { Played } from './replay-server.ts';

/** What the client reported, and what the server did. */
export interface Performance {
  readonly exchange: Exchange;
  readonly result: RawResult | undefined;
  /** Why there is no result. */
  readonly error: LoadError | undefined;
  /** The runs of the exchange, and of the plain reply after it. */
  readonly played: readonly Played[];
  readonly plainPlayed: readonly Played[];
  /** The index of the exchange among the two requests. */
  readonly index: number;
}
