import fc from 'fast-check';
import { disturbancesOf } from './disturbances.ts';
import type { Exchange } from './exchange.ts';
import { differencesOf } from './play.ts';
import type { ReplayServer } from './replay-server.ts';

/**
 * Checks that disturbances do not change the client's report of an exchange. Throws with the smallest one found that
 * does.
 */
export async function assertUndisturbed(
  server: ReplayServer,
  exchange: Exchange,
  parameters: { readonly numRuns: number; readonly seed?: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(disturbancesOf(exchange), async (disturbance) => {
      const found = await differencesOf(server, exchange, disturbance);
      if (found.length > 0) throw new Error(found.join('\n'));
    }),
    { interruptAfterTimeLimit: 60_000, ...parameters },
  );
}
