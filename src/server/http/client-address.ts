import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * The client's address behind `proxies` proxies of ours. Each proxy appends its client's address to
 * X-Forwarded-For, so only that many addresses from the end can be trusted. Requests without a socket count
 * as one client.
 */
export function clientAddress(context: Context, proxies: number): string {
  const peer =
    context.env === undefined || !('incoming' in context.env)
      ? ''
      : (getConnInfo(context).remote.address ?? '');
  return forwardedFor(context.req.header('x-forwarded-for'), peer, proxies);
}

/**
 * The address that connected to the outermost of our proxies, or the peer's address if the header lacks it.
 */
export function forwardedFor(header: string | undefined, peer: string, proxies: number): string {
  if (proxies === 0 || header === undefined) return peer;
  const addresses = header.split(',').map((address) => address.trim());
  return addresses.at(-Math.min(proxies, addresses.length)) || peer;
}
