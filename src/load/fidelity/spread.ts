import { isIPv6 } from 'node:net';
import { defined } from '../../defined/defined.ts';
import type { AddressUse } from '../result-schema.ts';

/**
 * Reasons to doubt a result because of how a test used the addresses of one name. There is no doubt if all addresses of
 * one kind (IPv4 or IPv6) worked and none of the other, because the server is then simply reached over one protocol.
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

/** How the shards of a test together used each address; addresses that no shard reached are skipped. */
export function mergedUse(
  ofShards: readonly { address: string; requests: number; skipped?: string | undefined }[],
): AddressUse[] {
  const byAddress = Map.groupBy(ofShards, ({ address }) => address);
  return [...byAddress].map(([address, uses]) => {
    const requests = uses.reduce((sum, use) => sum + use.requests, 0);
    const skipped = uses.every((use) => use.skipped !== undefined) ? uses[0]?.skipped : undefined;
    return { address, requests, ...defined({ skipped }) };
  });
}
