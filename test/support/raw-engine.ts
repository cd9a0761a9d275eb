import { createServer, type Server, type Socket } from 'node:net';

/** A request as it arrived, byte for byte. */
export interface RawRequest {
  readonly socket: Socket;
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  /** Every header line by lower-case name: a repeated name has several values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

/** An engine on a real socket that records everything it receives. */
export interface RawEngine extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly requests: RawRequest[];
  /** The requests for its metrics; it has none. */
  readonly askedForMetrics: RawRequest[];
}

const event = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;
const tokens = ['a', 'b', 'c', 'd'];

/** A complete streamed reply of four tokens, for both completions and chats. */
export const goodStream = `${tokens
  .map((text) => event({ choices: [{ index: 0, text, delta: { content: text }, finish_reason: null }] }))
  .join('')}${event({ choices: [{ index: 0, text: '', delta: {}, finish_reason: 'length' }] })}${event({
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: tokens.length },
})}data: [DONE]\n\n`;

/** A response with a length; `headers` are lines. */
export function response(status: string, headers: readonly string[], body: string | Uint8Array = ''): Buffer {
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}

export const goodReply = response('200 OK', ['Content-Type: text/event-stream'], goodStream);

/** Answers every request successfully unless configured otherwise. */
export async function rawEngine(
  answer: (request: RawRequest, index: number) => void = ({ socket }) => socket.write(goodReply),
  where: { readonly host?: string; readonly port?: number } | { readonly path: string } = {},
): Promise<RawEngine> {
  const requests: RawRequest[] = [];
  const askedForMetrics: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    let pending = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (let read = readRequest(socket, pending); read !== undefined; read = readRequest(socket, pending)) {
        pending = pending.subarray(read.end);
        if (/\/metrics(\?|$)/.test(read.request.target)) {
          askedForMetrics.push(read.request);
          socket.write(response('404 Not Found', []));
          continue;
        }
        requests.push(read.request);
        answer(read.request, requests.length - 1);
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen('path' in where ? where : { host: '127.0.0.1', port: 0, ...where }, resolve);
  });
  const address = server.address();
  return {
    server,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    requests,
    askedForMetrics,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function readRequest(socket: Socket, bytes: Buffer): { request: RawRequest; end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [line = '', ...fields] = bytes.toString('utf8', 0, headEnd).split('\r\n');
  const headers = new Map<string, string[]>();
  for (const field of fields) {
    const [name = '', ...value] = field.split(':');
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), value.join(':').trim()]);
  }
  const end = headEnd + 4 + Number(headers.get('content-length')?.[0] ?? 0);
  if (bytes.length < end) return undefined;
  const [method = '', target = ''] = line.split(' ');
  return {
    request: { socket, method, target, headers, body: bytes.toString('utf8', headEnd + 4, end) },
    end,
  };
}
