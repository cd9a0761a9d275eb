import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { defined } from '../defined/defined.ts';
import type { AnswersUnderLoad } from '../evals/index.ts';
import { thisMachine } from '../hosts/index.ts';
import { holderInWords } from '../launchers/index.ts';
import {
  hasRandomTokens,
  type LoadContext,
  type LoadTest,
  type RawResult,
  runLoadTest,
  withDoubts,
} from '../load/index.ts';
import {
  doubtOfDrafts,
  environmentOf,
  type ServerWatch,
  type Witness,
  watchServer,
} from '../telemetry/index.ts';
import { findMetrics, type MeteredServer } from './server-metrics-places.ts';

/** A load test's result with the samples of the server and its machine, if they could be read. */
export type WatchedResult = RawResult &
  Partial<Witness['samples']> & {
    /** The acceptance of drafts that the server was made to have, as its user says. */
    readonly forced_acceptance?: { readonly acceptance_length: number };
    /** The answers to the questions that were among its requests. */
    readonly answers_under_load?: AnswersUnderLoad;
  };

/**
 * A server of the user. While it is measured, its metrics are sampled, and its machine's facts if it is on
 * this machine.
 */
export class BenchServer {
  readonly #watch: () => Promise<ServerWatch>;

  private constructor(watch: () => Promise<ServerWatch>) {
    this.#watch = watch;
  }

  /** Finds out which facts of a server can be read; the results say which cannot. */
  static async find(server: MeteredServer): Promise<BenchServer> {
    const [metrics, isHere] = await Promise.all([findMetrics(server), isOnThisMachine(server.baseUrl)]);
    const host = isHere ? thisMachine : undefined;
    const environment = isHere ? environmentOf(thisMachine) : undefined;
    await environment;
    return new BenchServer(async () => await watchServer({ host, metrics, ...defined({ environment }) }));
  }

  /** Runs a load test and samples the server meanwhile; `drafts` says whether the acceptance of its drafts is forced. */
  async measure(
    test: LoadTest,
    context: LoadContext,
    drafts: { readonly forced: boolean } = { forced: false },
  ): Promise<WatchedResult> {
    const watch = await this.#watch();
    try {
      const raw = await runLoadTest(test, { ...context, beforeStart: watch.beforeStart });
      const { samples, fidelity, doubts } = await watch.over(raw);
      const drafted = doubtOfDrafts(samples.server_metrics, {
        randomTokens: hasRandomTokens(test.dataset),
        forced: drafts.forced,
        drafts: false,
      });
      const all = drafted === undefined ? doubts : [...doubts, drafted];
      return { ...raw, ...samples, fidelity: withDoubts({ ...raw.fidelity, ...fidelity }, all) };
    } finally {
      void watch.stop();
    }
  }
}

/** Programs that listen on this machine for a server elsewhere. */
const tunnels = /\((?:\S*\/)?(?:auto)?(?:ssh|kubectl|socat|cloudflared|frpc)\b/;

/** Whether a server runs on this machine, and not behind a tunnel from it. */
async function isOnThisMachine(baseUrl: string): Promise<boolean> {
  if (/^(http\+)?unix:/i.test(baseUrl)) return true;
  if (!URL.canParse(baseUrl)) return false;
  const { hostname, port, protocol } = new URL(baseUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [host];
  const own = Object.values(networkInterfaces()).flatMap((of) => (of ?? []).map(({ address }) => address));
  const isHere = addresses.some((address) => /^(127\.|::1$)/.test(address) || own.includes(address));
  if (!isHere) return false;
  const at = { host: addresses[0] ?? host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  return !tunnels.test((await holderInWords(at, thisMachine).catch(() => undefined)) ?? '');
}

async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
