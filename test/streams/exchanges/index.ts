import type { Exchange } from '../exchange.ts';
import { tokenExchanges } from './tokens.ts';

/** Every exchange of the table; a kind is a file and a line here. */
export const exchanges: readonly Exchange[] = [...tokenExchanges];
