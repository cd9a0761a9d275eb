import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A chassis: what its `Power` or, with `PowerWatts`, its `EnvironmentMetrics` contains. */
type Chassis = Readonly<Record<string, unknown>> | 'no power';

/** The Redfish service of a server's management controller, with the user `reader` and the password `correct horse`. */
export class ManagementController {
  /** Resolves when a power was read. */
  readonly asked: Promise<void>;
  /** Answers every request with a redirect to this place. */
  movesTo: string | undefined;
  readonly #chassis: Readonly<Record<string, Chassis>>;
  readonly #server: Server;
  #wasAsked: () => void = () => {};

  private constructor(chassis: Readonly<Record<string, Chassis>>) {
    this.#chassis = chassis;
    this.asked = new Promise((resolve) => {
      this.#wasAsked = resolve;
    });
    this.#server = createServer((request, response) => this.#respond(request, response));
  }

  static async start(chassis: Readonly<Record<string, Chassis>>): Promise<ManagementController> {
    const controller = new ManagementController(chassis);
    controller.#server.listen(0, '127.0.0.1');
    await once(controller.#server, 'listening');
    return controller;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #respond({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const allowed = `Basic ${Buffer.from('reader:correct horse').toString('base64')}`;
    if (this.movesTo !== undefined) {
      response.writeHead(302, { location: this.movesTo }).end();
    } else if (headers.authorization !== allowed) response.writeHead(401).end('{}');
    else if (url === '/redfish/v1/Chassis') {
      const members = Object.keys(this.#chassis).map((name) => ({
        '@odata.id': `/redfish/v1/Chassis/${name}`,
      }));
      response.end(JSON.stringify({ Members: members, 'Members@odata.count': members.length }));
    } else {
      const [, name = '', part] =
        /^\/redfish\/v1\/Chassis\/([^/]+)\/(Power|EnvironmentMetrics)$/.exec(url) ?? [];
      const chassis = this.#chassis[name];
      const has = typeof chassis === 'object' && (part === 'Power') !== 'PowerWatts' in chassis;
      if (!has) return void response.writeHead(404).end('{}');
      response.end(JSON.stringify({ '@odata.id': url, Id: part, ...chassis }));
      this.#wasAsked();
    }
  }
}
