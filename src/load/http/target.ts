import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LoadError } from '../load-error.ts';
import type { LoadTest } from '../load-test.ts';

/** Where requests go: the address is resolved once, before the clock starts. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** The name to check a certificate against; undefined for plain HTTP. */
  readonly tlsName: string | undefined;
  /** Takes any certificate, unchecked. */
  readonly insecure: boolean;
  /** The value of the Host header. */
  readonly host: string;
  /** The path of the base URL, without a slash at its end. */
  readonly pathPrefix: string;
}

/** Which server is asked, and whether it must prove who it is. */
export type Server = Pick<LoadTest, 'baseUrl' | 'insecure'>;

/** All addresses a base URL stands for, in the resolver's order. Throws LoadError `cannot-connect`. */
export async function resolveTargets({
  baseUrl,
  insecure = false,
}: Server): Promise<readonly [Target, ...Target[]]> {
  const url = new URL(baseUrl);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const common = {
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    tlsName: url.protocol === 'https:' ? name : undefined,
    insecure,
    host: url.host,
    pathPrefix: url.pathname.replace(/\/+$/, ''),
  };
  if (isIP(name) !== 0) return [{ ...common, address: name }];
  try {
    const [first, ...rest] = await lookup(name, { all: true });
    if (first !== undefined) {
      return [{ ...common, address: first.address }, ...rest.map(({ address }) => ({ ...common, address }))];
    }
  } catch (error) {
    throw new LoadError('cannot-connect', `cannot find the host ${name} of ${url.origin}`, {
      cause: error,
      hint: 'check the name in the base URL, and this machine’s name resolution',
    });
  }
  throw new LoadError('cannot-connect', `the host ${name} of ${url.origin} has no address`);
}
