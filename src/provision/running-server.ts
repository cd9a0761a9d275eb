import { type Fault, InputError } from '../errors.ts';
import type { EngineSource } from './provision.ts';

/** `url:http://HOST:PORT`: an external server. It is measured, but neither started nor stopped. */
export const runningServer: EngineSource = {
  example: 'url:http://127.0.0.1:8000',
  kind: 'server',
  accepts: (reference) => reference.startsWith('url:'),
  fault: async (reference) => {
    const parsed = parse(reference);
    return 'fault' in parsed ? parsed.fault : undefined;
  },
  unseen: (reference) => {
    const parsed = parse(reference);
    return 'fault' in parsed ? {} : { server: parsed.server };
  },
  provision: async (reference) => {
    const parsed = parse(reference);
    if ('fault' in parsed) throw new InputError([parsed.fault], undefined, { code: 'engine-unavailable' });
    return { reference, server: parsed.server };
  },
};

function parse(reference: string): { readonly server: string } | { readonly fault: Fault } {
  const hint = `expected the address of a server, without a path: ${runningServer.example}`;
  const url = URL.parse(reference.slice('url:'.length));
  if (url === null || !/^https?:$/.test(url.protocol))
    return { fault: { message: `image '${reference}' is not the address of a server`, hint } };
  if (url.username !== '' || url.password !== '')
    return {
      fault: {
        message:
          'image: the URL of a server must not contain a user or password, because every result would contain it',
        hint,
      },
    };
  if (!['', '/'].includes(url.pathname) || url.search !== '')
    return { fault: { message: `image '${reference}' has a path after the server's address`, hint } };
  return { server: url.origin };
}
