import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { InputError } from '../errors.ts';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an app on a port (0 for any free one); throws InputError if it cannot listen there. */
export async function listen(app: Hono, { host, port }: { host: string; port: number }): Promise<Listening> {
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => {
      resolve({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
        close: async () => {
          const closed = new Promise<void>((done) => server.close(() => done()));
          if ('closeAllConnections' in server) server.closeAllConnections();
          await closed;
        },
      });
    });
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port) ?? error));
  });
}

function cannotListen({ code }: NodeJS.ErrnoException, host: string, port: number): InputError | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return new InputError(
        `port ${port} on ${host} is in use`,
        'choose another one with --port, or 0 for any free one',
        { code: 'port-in-use' },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new InputError(`${host} is not an address of this machine`, 'choose another one with --host', {
        code: 'bad-option',
      });
    case 'EACCES':
      return new InputError(`port ${port} needs root`, 'choose one above 1023 with --port', {
        code: 'port-in-use',
      });
    default:
      return undefined;
  }
}
