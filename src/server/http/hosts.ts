/** Host names of a server that listens only on loopback. */
const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

const everyAddress = ['0.0.0.0', '::'];

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\./.test(address);
}

/**
 * Whether a request's Host header names this server. In a DNS rebinding attack, a foreign page's host name
 * resolves to this server, but the header still contains the foreign name.
 */
export function hostGuard(address: string, names: readonly string[]): (host: string | undefined) => boolean {
  // A server on all addresses without a given name cannot tell which names are wrong.
  if (everyAddress.includes(address) && names.length === 0) return () => true;
  const bare = address.includes(':') ? `[${address}]` : address;
  const known = new Set([...loopbackNames, bare, ...names].map((name) => name.toLowerCase()));
  return (host) => host !== undefined && known.has(host.toLowerCase().replace(/:\d+$/, ''));
}
