import type { Exchange } from '../exchange.ts';
import { choiceExchanges } from './choices.ts';
import { countExchanges } from './counts.ts';
import { endingExchanges } from './endings.ts';
import { eventExchanges } from './events.ts';
import { failureExchanges } from './failures.ts';
import { httpExchanges } from './http.ts';
import { nativeExchanges } from './native.ts';
import { tokenExchanges } from './tokens.ts';
import { vendorExchanges } from './vendors.ts';

export { boundExchanges } from './bounds.ts';

/** All exchanges except the large ones. To add a kind, add a file and a line here. */
export const exchanges: readonly Exchange[] = [
  ...tokenExchanges,
  ...failureExchanges,
  ...eventExchanges,
  ...endingExchanges,
  ...countExchanges,
  ...choiceExchanges,
  ...httpExchanges,
  ...nativeExchanges,
  ...vendorExchanges,
];
