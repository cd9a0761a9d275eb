import { BrokenReply } from '../reply/broken-reply.ts';

/** Receives what a response parser reads; slices are only valid during the call. */
export interface ResponseHandler {
  /** The final status line and headers; interim 1xx responses are skipped. */
  onHead(head: ResponseHead): void;
  onBody(buffer: Buffer, start: number, end: number, atMs: number): void;
  /**
   * The response is complete; `keepAlive` says whether the connection can carry another. `extraBytes` followed it in
   * the same read: they cannot answer a request that was not sent yet, and are dropped.
   */
  onEnd(keepAlive: boolean, atMs: number, extraBytes: number): void;
}

export interface ResponseHead {
  readonly status: number;
  /** By lower-case name; repeated fields are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

/** The bytes are not an HTTP/1.1 response. */
export class MalformedResponse extends BrokenReply {
  constructor(message: string) {
    super('malformed-http', message);
  }
}

const maximumHeadBytes = 64 * 1024;
const exampleBytes = 80;
const lineFeed = 10;
const carriageReturn = 13;

const State = {
  head: 0,
  fixedBody: 1,
  bodyUntilClose: 2,
  chunkSize: 3,
  chunkExtension: 4,
  chunkData: 5,
  chunkEnd: 6,
  trailer: 7,
} as const;
type State = (typeof State)[keyof typeof State];

/**
 * An incremental parser for responses to POST and GET on one HTTP/1.1 connection, split anywhere. Deliberately narrow:
 * no upgrade, no pipelining, trailers are skipped. Bytes count as a response only after `expect`.
 */
export class ResponseParser {
  #state: State = State.head;
  #head: Buffer[] = [];
  #headBytes = 0;
  /** Bytes left in a fixed-length body or a chunk; while reading a chunk's size line, the size so far. */
  #remaining = 0;
  #sizeDigits = 0;
  #trailerLineBytes = 0;
  #keepAlive = true;
  #isExpected = false;
  readonly #beforeEnd: () => boolean;

  /** `beforeEnd` is called before the end of each response; returning false prevents reuse of the connection. */
  constructor(beforeEnd: () => boolean = () => true) {
    this.#beforeEnd = beforeEnd;
  }

  /** Whether a response has started and is not complete. */
  get inResponse(): boolean {
    return this.#state !== State.head || this.#headBytes > 0;
  }

  /** Whether a request was sent whose response is not complete. */
  get isExpecting(): boolean {
    return this.#isExpected;
  }

  reset(): void {
    this.#clear();
    this.#isExpected = false;
  }

  #clear(): void {
    this.#state = State.head;
    this.#head = [];
    this.#headBytes = 0;
  }

  /** A request was sent: bytes from now on are its response. */
  expect(): void {
    this.#isExpected = true;
  }

  /**
   * Calls the handler for everything that `buffer[start, end)` completes. Throws MalformedResponse, and BrokenReply
   * `unsolicited` for bytes that no request asked for.
   */
  push(buffer: Buffer, start: number, end: number, atMs: number, handler: ResponseHandler): void {
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case State.chunkData:
        case State.fixedBody: {
          const stop = Math.min(end, at + this.#remaining);
          this.#remaining -= stop - at;
          handler.onBody(buffer, at, stop, atMs);
          at = stop;
          if (this.#remaining === 0) {
            if (this.#state === State.chunkData) this.#state = State.chunkEnd;
            else at = this.#finish(buffer, at, end, handler, atMs);
          }
          break;
        }
        case State.chunkEnd: {
          const byte = buffer[at++];
          if (byte === lineFeed) this.#beginChunk();
          else if (byte !== carriageReturn)
            throw new MalformedResponse('a chunk is longer than its declared size');
          break;
        }
        case State.chunkSize:
          at = this.#readChunkSize(buffer, at, end);
          break;
        case State.chunkExtension: {
          if (buffer[at++] === lineFeed) this.#endChunkSizeLine();
          break;
        }
        case State.head:
          // Some servers write a line break after a body.
          if (this.#headBytes === 0) at = skipLineEnds(buffer, at, end);
          if (at < end) at = this.#readHead(buffer, at, end, handler, atMs);
          break;
        case State.trailer: {
          const byte = buffer[at++];
          if (byte === lineFeed) {
            if (this.#trailerLineBytes === 0) at = this.#finish(buffer, at, end, handler, atMs);
            this.#trailerLineBytes = 0;
          } else if (byte !== carriageReturn) this.#trailerLineBytes++;
          break;
        }
        case State.bodyUntilClose:
          handler.onBody(buffer, at, end, atMs);
          at = end;
          break;
      }
    }
  }

  /**
   * The server closed its side. Returns whether the response was allowed to end there; throws MalformedResponse if its
   * head is incomplete.
   */
  close(atMs: number, handler: ResponseHandler): boolean {
    if (this.#headBytes > 0) {
      const head = this.#head[0]?.toString('latin1', 0, exampleBytes) ?? '';
      throw new MalformedResponse(`the connection closed inside the response head: ${JSON.stringify(head)}`);
    }
    if (this.#state !== State.bodyUntilClose) return false;
    this.#clear();
    this.#beforeEnd();
    handler.onEnd(false, atMs, 0);
    return true;
  }

  #beginChunk(): void {
    this.#state = State.chunkSize;
    this.#remaining = 0;
    this.#sizeDigits = 0;
  }

  #readChunkSize(buffer: Buffer, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = buffer[at] ?? 0;
      const lower = byte | 0x20;
      if (byte >= 48 && byte <= 57) this.#remaining = this.#remaining * 16 + byte - 48;
      else if (lower >= 97 && lower <= 102) this.#remaining = this.#remaining * 16 + lower - 87;
      else if (byte === lineFeed) {
        this.#endChunkSizeLine();
        return at + 1;
      } else if (byte === 59 || byte === carriageReturn || byte === 32) {
        this.#state = State.chunkExtension;
        return at + 1;
      } else throw new MalformedResponse('a chunk size is not a hexadecimal number');
      if (++this.#sizeDigits > 12) throw new MalformedResponse('a chunk size is too large');
    }
    return end;
  }

  #endChunkSizeLine(): void {
    if (this.#sizeDigits === 0) throw new MalformedResponse('a chunk size is missing');
    if (this.#remaining > 0) {
      this.#state = State.chunkData;
    } else {
      this.#state = State.trailer;
      this.#trailerLineBytes = 0;
    }
  }

  #readHead(buffer: Buffer, start: number, end: number, handler: ResponseHandler, atMs: number): number {
    if (!this.#isExpected) {
      const example = buffer.toString('latin1', start, Math.min(end, start + exampleBytes));
      throw new BrokenReply(
        'unsolicited',
        `the server sent bytes without a request: ${JSON.stringify(example)}`,
      );
    }
    const before = this.#headBytes;
    if (before === 0 && lastHead !== undefined && beginsWith(buffer, start, end, lastHead.bytes)) {
      return this.#useHead(lastHead, buffer, start + lastHead.bytes.length, end, handler, atMs);
    }
    // The blank line may be split between reads: search from three bytes before the new piece.
    const piece =
      before === 0
        ? buffer.subarray(start, end)
        : Buffer.concat([...this.#head, buffer.subarray(start, end)]);
    const headEnd = endOfHead(piece, Math.max(0, before - 3));
    if (headEnd === -1) {
      if (!beginsLikeHttp(piece)) throw notHttp(piece);
      if (piece.length > maximumHeadBytes)
        throw new MalformedResponse('the response head is larger than 64 KiB');
      this.#head = [before === 0 ? Buffer.from(piece) : piece];
      this.#headBytes = piece.length;
      return end;
    }
    lastHead = parseHead(piece.subarray(0, headEnd));
    return this.#useHead(lastHead, buffer, start + headEnd - before, end, handler, atMs);
  }

  /** Uses a head that ended at `at`. */
  #useHead(
    parsed: ParsedHead,
    buffer: Buffer,
    at: number,
    end: number,
    handler: ResponseHandler,
    atMs: number,
  ): number {
    const { status } = parsed.head;
    this.#clear();
    if (status < 200 && status !== 101) return at;
    return this.#beginBody(parsed, handler) ? at : this.#finish(buffer, at, end, handler, atMs);
  }

  /** Returns whether the response has a body. */
  #beginBody({ head, isKeptAlive, isChunked, length }: ParsedHead, handler: ResponseHandler): boolean {
    this.#keepAlive = isKeptAlive;
    handler.onHead(head);
    if (isChunked) {
      this.#beginChunk();
      return true;
    }
    if (length !== undefined) {
      if (!/^\d+$/.test(length))
        throw new MalformedResponse(`content-length ${JSON.stringify(length)} is not a number`);
      this.#remaining = Number(length);
      this.#state = State.fixedBody;
      return this.#remaining > 0;
    }
    if (head.status === 204 || head.status === 304) return false;
    this.#state = State.bodyUntilClose;
    return true;
  }

  /** The response ends at `at`. Returns the end of the read, because everything after the response is dropped. */
  #finish(buffer: Buffer, at: number, end: number, handler: ResponseHandler, atMs: number): number {
    const extraBytes = end - skipLineEnds(buffer, at, end);
    const keepAlive = this.#keepAlive && extraBytes === 0;
    this.reset();
    handler.onEnd(this.#beforeEnd() && keepAlive, atMs, extraBytes);
    return end;
  }
}

function skipLineEnds(buffer: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (buffer[at] === lineFeed || buffer[at] === carriageReturn)) at++;
  return at;
}

/** The offset just after the blank line that ends a head, or -1. */
function endOfHead(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1];
    if (next === lineFeed) return at + 2;
    if (next === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return -1;
}

/** A head, and what it says about the connection and the end of the body. */
interface ParsedHead {
  readonly bytes: Buffer;
  readonly head: ResponseHead;
  readonly isKeptAlive: boolean;
  readonly isChunked: boolean;
  /** The value of `content-length`. */
  readonly length: string | undefined;
}

/** The last parsed head: apart from dates, all heads of a server are the same. */
let lastHead: ParsedHead | undefined;

function beginsWith(buffer: Buffer, start: number, end: number, bytes: Buffer): boolean {
  const { length } = bytes;
  return end - start >= length && buffer.compare(bytes, 0, length, start, start + length) === 0;
}

/** Parses a head, including the blank line at its end. */
function parseHead(bytes: Buffer): ParsedHead {
  const head = headOf(bytes.toString('latin1'));
  const { headers } = head;
  const connection = headers.get('connection')?.toLowerCase() ?? '';
  return {
    bytes: Buffer.from(bytes),
    head,
    isKeptAlive: !connection.includes('close') && headers.get(':version') !== '1.0',
    isChunked: headers.get('transfer-encoding')?.toLowerCase().includes('chunked') === true,
    length: headers.get('content-length'),
  };
}

const httpMark = Buffer.from('HTTP/');

/** Whether bytes match the beginning of a status line. */
function beginsLikeHttp(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, httpMark.length);
  return bytes.compare(httpMark, 0, length, 0, length) === 0;
}

function notHttp(bytes: Buffer): MalformedResponse {
  const [line = ''] = bytes.toString('latin1', 0, exampleBytes).split(/\r?\n/);
  const told = otherProtocols.find(({ marks }) => marks(bytes))?.is;
  const what = told === undefined ? '' : ` (${told})`;
  return new MalformedResponse(
    `the response does not start like HTTP/1.1${what}: ${JSON.stringify(line.slice(0, 80))}`,
  );
}

/** First bytes that servers of other protocols send. */
const otherProtocols: readonly { readonly marks: (bytes: Buffer) => boolean; readonly is: string }[] = [
  // A TLS record, either an alert or a handshake: type and version.
  {
    marks: ([type, version]) => (type === 21 || type === 22) && version === 3,
    is: 'it is TLS: use https:// in the URL',
  },
  // An HTTP/2 settings frame: its type, and 0 for its stream.
  {
    marks: (bytes) => bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0,
    is: 'it is HTTP/2, e.g. a gRPC port: use the port for HTTP/1.1',
  },
];

function headOf(text: string): ResponseHead {
  const lines = text.split(/\r?\n/);
  const match = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(lines[0] ?? '');
  if (match === null) throw notHttp(Buffer.from(text, 'latin1'));
  const headers = new Map<string, string>([[':version', match[1] ?? '1.1']]);
  for (const line of lines.slice(1)) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    if (colon <= 0)
      throw new MalformedResponse(`a header line has no name: ${JSON.stringify(line.slice(0, 80))}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return { status: Number(match[2]), headers };
}
