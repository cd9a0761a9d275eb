import { isIPv6 } from 'node:net';
import type { AddressUse } from '../http/addresses.ts';

/**
 * Reasons to doubt a result for how a test was spread over the addresses of one name. A name whose addresses of one
 * kind (IPv4 or IPv6) all worked, and none of the other, is a server that is reached in one of two ways.
 */
export function reasonsOfSpread(addresses: readonly AddressUse[]): string[] {
  const used = addresses.filter(({ requests }) => requests > 0);
  const total = used.reduce((sum, { requests }) => sum + requests, 0);
  const idle = addresses.filter(({ requests }) => requests === 0);
  const usedKinds = new Set(used.map(({ address }) => isIPv6(address)));
  if (total < addresses.length || idle.every(({ address }) => !usedKinds.has(isIPv6(address)))) return [];
  const [first] = used;
  const of = `of the ${addresses.length} addresses of the server's name`;
  const skipped = idle.filter(({ skipped }) => skipped !== undefined);
  const why = skipped.map(({ address, skipped }) => `${address} was skipped: ${skipped}`).join('; ');
  const head =
    used.length === 1 && first !== undefined
      ? `${first.address}, one ${of}, got all ${total} requests`
      : `${idle.length} ${of} got no request (${idle.map(({ address }) => address).join(', ')})`;
  return [why === '' ? head : `${head}: ${why}`];
}
