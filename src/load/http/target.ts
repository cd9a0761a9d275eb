import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LoadError } from '../load-error.ts';
import type { LoadTest } from '../load-test.ts';
import { parseServerUrl } from './server-url.ts';

/** Where a connection goes. */
export interface ConnectionTarget {
  /** The name in messages and results: an address, or the path of a socket. */
  readonly name: string;
  readonly place: { readonly host: string; readonly port: number } | { readonly path: string };
  /** The name to check a certificate against; undefined for plain HTTP. */
  readonly tlsName: string | undefined;
  /** Accepts any certificate, unchecked. */
  readonly insecure: boolean;
  /** Which of the test's servers it belongs to; the first by default. */
  readonly server?: number;
}

/** Which server to use, and whether to check its certificate. */
export type Server = Pick<LoadTest, 'baseUrl' | 'insecure'>;

/** All addresses of a base URL, without duplicates, in the resolver's order. Throws LoadError `cannot-connect`. */
export async function resolveTargets({
  baseUrl,
  insecure = false,
}: Server): Promise<readonly ConnectionTarget[]> {
  const { place, secure, origin } = parseServerUrl(baseUrl);
  if ('socketPath' in place) {
    const { socketPath: path } = place;
    return [{ name: path, place: { path }, tlsName: undefined, insecure }];
  }
  const { hostname, port } = place;
  const targetAt = (host: string): ConnectionTarget => ({
    name: host,
    place: { host, port },
    tlsName: secure ? hostname : undefined,
    insecure,
  });
  if (isIP(hostname) !== 0) return [targetAt(hostname)];
  const found = await lookup(hostname, { all: true }).catch((error: unknown) => {
    throw new LoadError('cannot-connect', `cannot find the host ${hostname} of ${origin}`, {
      cause: error,
      hint: 'check the name in the base URL, and this machine’s DNS',
    });
  });
  if (found.length === 0) {
    throw new LoadError('cannot-connect', `the host ${hostname} of ${origin} has no address`);
  }
  return [...new Set(found.map(({ address }) => address))].map(targetAt);
}
