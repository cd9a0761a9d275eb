import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * Who asks, behind as many proxies of ours as `proxies` says: each appends the address that it was asked from, so that
 * only so many from the end of X-Forwarded-For can be believed. Requests that came over no socket are one client.
 */
export function clientAddress(context: Context, proxies: number): string {
  const peer =
    context.env === undefined || !('incoming' in context.env)
      ? ''
      : (getConnInfo(context).remote.address ?? '');
  return forwardedFor(context.req.header('x-forwarded-for'), peer, proxies);
}

/** The address that the outermost of our proxies was asked from; the peer's where it does not say. */
export function forwardedFor(header: string | undefined, peer: string, proxies: number): string {
  if (proxies === 0 || header === undefined) return peer;
  const addresses = header.split(',').map((address) => address.trim());
  return addresses.at(-Math.min(proxies, addresses.length)) || peer;
}
