import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

const types = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar',
};

/** How a registry misbehaves. */
export type RegistryFault =
  /** Answers the next `times` requests with a status. */
  | { readonly status: number; times: number }
  /** Sends the beginning of a layer, and then hangs up or leaves the connection open. */
  | { readonly layers: 'cut' | 'stalled'; times: number };

/** A registry on this machine, from which a real docker daemon pulls images of one layer. */
export class ImageRegistry {
  readonly #archive: string;
  readonly #layer: { readonly digest: string; readonly bytes: number };
  readonly #documents: ReadonlyMap<string, Document>;
  readonly #server = createServer((request, response) => {
    this.#answer(request.url ?? '', request.method === 'HEAD', response).catch(() => response.destroy());
  });
  /** The digest of the image's manifest. */
  readonly digest: string;
  fault: RegistryFault | undefined;

  private constructor(archive: string, layer: { readonly digest: string; readonly bytes: number }) {
    this.#archive = archive;
    this.#layer = layer;
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const rootfs = { type: 'layers', diff_ids: [layer.digest] };
    const config = document(types.config, { architecture, os: 'linux', config: {}, rootfs });
    const manifest = document(types.manifest, {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: { mediaType: types.config, size: Buffer.byteLength(config.text), digest: config.digest },
      layers: [{ mediaType: types.layer, size: layer.bytes, digest: layer.digest }],
    });
    this.digest = manifest.digest;
    this.#documents = new Map([
      ['manifests/1', manifest],
      [`manifests/${manifest.digest}`, manifest],
      [`blobs/${config.digest}`, config],
    ]);
  }

  /** @param archive A tar archive of a root file system. */
  static async start(archive: string): Promise<ImageRegistry> {
    const digest = digestOf(await readFile(archive));
    const registry = new ImageRegistry(archive, { digest, bytes: (await stat(archive)).size });
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  /** The reference of an image, whose only tag is 1. Docker uses plain HTTP with localhost. */
  reference(name: string, tag = '1'): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the registry has no port');
    return `localhost:${address.port}/${name}:${tag}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(url: string, headOnly: boolean, response: ServerResponse): Promise<void> {
    if (url === '/v2/') return void response.end('{}');
    const fault = this.#takeFault(url.endsWith(this.#layer.digest));
    if (fault !== undefined && 'status' in fault) {
      const errors = [{ code: 'DENIED', ...refusals[fault.status] }];
      return void response.writeHead(fault.status).end(JSON.stringify({ errors }));
    }
    const found = [...this.#documents].find(([path]) => url.endsWith(path))?.[1];
    if (found !== undefined) {
      response.setHeader('content-type', found.type).setHeader('docker-content-digest', found.digest);
      response.setHeader('content-length', Buffer.byteLength(found.text));
      return void response.end(headOnly ? undefined : found.text);
    }
    if (!url.endsWith(`blobs/${this.#layer.digest}`)) {
      return void response.writeHead(404).end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN' }] }));
    }
    response.setHeader('content-type', types.layer).setHeader('content-length', this.#layer.bytes);
    if (fault === undefined) return await pipeline(createReadStream(this.#archive), response);
    const beginning = createReadStream(this.#archive, { end: 2 ** 20 });
    await pipeline(beginning, response, { end: false });
    if (fault.layers === 'cut') response.destroy();
  }

  #takeFault(asksForLayer: boolean): RegistryFault | undefined {
    const { fault } = this;
    if (fault === undefined || fault.times === 0 || ('layers' in fault && !asksForLayer)) return undefined;
    fault.times -= 1;
    return fault;
  }
}

/** Error bodies by status; some registries send no message. */
const refusals: Readonly<Record<number, object>> = {
  401: { code: 'UNAUTHORIZED', message: 'authentication required' },
};

interface Document {
  readonly type: string;
  readonly text: string;
  readonly digest: string;
}

function document(type: string, value: unknown): Document {
  const text = JSON.stringify(value);
  return { type, text, digest: digestOf(text) };
}

function digestOf(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
