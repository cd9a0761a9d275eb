/** Names under which a server that listens only to this machine may be called. */
const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

const everyAddress = ['0.0.0.0', '::'];

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\./.test(address);
}

/**
 * Whether a request's Host header names this server. A page elsewhere whose name was made to lead here (DNS rebinding)
 * still says its own name.
 */
export function hostGuard(address: string, names: readonly string[]): (host: string | undefined) => boolean {
  // Who opens a server to every address and gives it no name cannot say which names are wrong.
  if (everyAddress.includes(address) && names.length === 0) return () => true;
  const bare = address.includes(':') ? `[${address}]` : address;
  const known = new Set([...loopbackNames, bare, ...names].map((name) => name.toLowerCase()));
  return (host) => host !== undefined && known.has(host.toLowerCase().replace(/:\d+$/, ''));
}
