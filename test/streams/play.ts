import { LoadError, type LoadTest, runLoadTest } from '../../src/load/index.ts';
import { someLoadTest } from '../support/some-load-test.ts';
import type { Exchange } from './exchange.ts';
import { differences } from './judge.ts';
import type { Performance } from './performance.ts';
import { plainExchange } from './plain.ts';
import type { Played, ReplayServer, Script } from './replay-server.ts';
import { type Disturbance, undisturbed, writesOf } from './wire.ts';

const asksForExchange = 'the exchange';
const asksForPlain = 'a plain reply';
/** A client that has not finished by then never will. */
const longestS = 20;

let plays = 0;

/**
 * Sends one request that the exchange answers and one with a plain reply over one connection, through the whole load
 * generator. The second shows that the first left nothing behind.
 */
export async function play(
  server: ReplayServer,
  exchange: Exchange,
  disturbance: Disturbance = undisturbed,
): Promise<Performance> {
  const plain = plainExchange(exchange.backend);
  const script = scriptOf(exchange, disturbance);
  const plainScript = scriptOf(plain, undisturbed);
  const { baseUrl, played } = server.serve(`${exchange.name}-${++plays}`, ({ body }) =>
    body.includes(asksForExchange) ? script : plainScript,
  );
  const signal = AbortSignal.timeout(1000 * longestS);
  const outcome = await runLoadTest(testOf(exchange, plain, baseUrl), { signal }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => {
      if (!(error instanceof LoadError)) throw error;
      return { result: undefined, error };
    },
  );
  const isExchange = ({ request }: Played): boolean => request.body.includes(asksForExchange);
  return {
    exchange,
    ...outcome,
    played: played.filter(isExchange),
    plainPlayed: played.filter((one) => !isExchange(one)),
    index: played.findIndex(isExchange) === 0 ? 0 : 1,
  };
}

/** How a pause of the whole process shows: a longer wait for a token, or a wait that hides one. */
const ofPauses =
  /the first token came with piece|unclear which events were tokens|ms after the first|ms in sum/;

/**
 * The differences between the report and the truth, in sentences. A busy machine may pause a process anywhere, even
 * between reading the clock and writing the request, so differences that it can cause count only if they recur.
 */
export async function differencesOf(
  server: ReplayServer,
  exchange: Exchange,
  disturbance: Disturbance = undisturbed,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt++) {
    const found = differences(await play(server, exchange, disturbance));
    if (attempt === 3 || !found.some((difference) => ofPauses.test(difference))) return found;
  }
}

function scriptOf(exchange: Exchange, disturbance: Disturbance): Script {
  const { ending, framing } = { ...exchange.http, ...disturbance.http };
  const closes = ending.kind === 'whole' && (framing === 'until-close' || framing === 'http-1.0');
  return { writes: writesOf(exchange, disturbance), ending, closes };
}

function testOf(exchange: Exchange, plain: Exchange, baseUrl: string): LoadTest {
  return {
    ...someLoadTest,
    baseUrl,
    backend: exchange.backend,
    dataset: {
      kind: 'texts',
      prompts: [
        { text: asksForExchange, outputTokens: exchange.asked },
        { text: asksForPlain, outputTokens: plain.asked },
      ],
    },
    numPrompts: 2,
    ignoreEos: false,
    promptFormat: 'text',
    stallTimeoutS: 5,
    connectTimeoutS: 5,
    requestTimeoutS: longestS,
    detailed: true,
    threads: 1,
    ...exchange.settings,
  };
}
