import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { defined } from '../../defined/defined.ts';
import { nowMs } from '../clock.ts';
import { BrokenReply } from '../reply/broken-reply.ts';
import { isRefused, refusedCertificate } from './certificate.ts';
import { type BacklogMember, readBacklog } from './read-backlog.ts';
import { type ResponseHandler, ResponseParser } from './response-parser.ts';
import type { ConnectionTarget } from './target.ts';

/** Why a connection is gone. */
export interface ConnectionEnd {
  readonly class: string;
  readonly message: string;
}

/** What a connection tells its stream. */
export interface ConnectionHandler extends ResponseHandler {
  onOpen(): void;
  /** All that one read brought was handled. */
  onRead(): void;
  /** Called once for each `open`, also when it could not be opened. */
  onClose(end: ConnectionEnd): void;
}

// Reads are synchronous on one thread: a read is handled before the next one begins, so all sockets share a buffer.
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/** So many reads of a connection's first response wait to be parsed; by then the code is compiled. */
const mostColdReads = 16;

/** What one read brought and is not parsed yet. */
interface WaitingRead {
  readonly bytes: Buffer;
  readonly atMs: number;
}

/**
 * One keep-alive HTTP/1.1 connection: bytes are stamped in the read callback, before anything looks at them. Those of
 * its first response are parsed only after the other sockets have been read, too (`read-backlog.ts`): first responses
 * come together, and the code that parses them is cold.
 */
export class Connection implements BacklogMember {
  readonly #handler: ConnectionHandler;
  readonly #parser = new ResponseParser(() => this.#endResponse());
  #socket: Socket | undefined;
  #end: ConnectionEnd | undefined;
  #open = false;
  /** How many more reads may wait. */
  #coldReads = mostColdReads;
  readonly #waiting: WaitingRead[] = [];

  constructor(handler: ConnectionHandler) {
    this.#handler = handler;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether bytes of a response to the last request have come. */
  get inResponse(): boolean {
    return this.#parser.inResponse;
  }

  /** Whether bytes were read that are not parsed yet. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Opens the connection; `onOpen` or `onClose` follows. */
  open({ place, tlsName, insecure }: ConnectionTarget): void {
    const onread = {
      buffer: readBuffer,
      callback: (length: number): boolean => {
        const atMs = nowMs();
        if (this.#socket === socket) this.#read(length, atMs);
        return true;
      },
    };
    const tcp = { ...place, noDelay: true, onread };
    this.#parser.reset();
    this.#end = undefined;
    this.#coldReads = mostColdReads;
    // TLS takes 20 ms to load: a test without it starts earlier.
    const socket =
      tlsName === undefined
        ? connectTcp(tcp)
        : process.getBuiltinModule('tls').connect({
            ...tcp,
            ...tlsNameOf(tlsName),
            ...defined({ rejectUnauthorized: insecure ? false : undefined }),
          });
    if (tlsName !== undefined) socket.setNoDelay(true);
    this.#socket = socket;
    socket.once(tlsName === undefined ? 'connect' : 'secureConnect', () => {
      this.#open = true;
      this.#handler.onOpen();
    });
    socket.once('end', () => {
      // Closed before what came is parsed: a reply that ends in it is followed by a request, which must not go here.
      if (this.#socket === socket) {
        this.#open = false;
        this.parseWaiting();
      }
      // Destroyed first: the handler may open the next connection at once.
      socket.destroy();
      if (this.#socket === socket) this.#guard(() => this.#parser.close(nowMs(), this.#handler));
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (this.#socket !== socket) return;
      const wasOpen = this.#open;
      this.#open = false;
      this.parseWaiting();
      // The handler may have opened the next connection for what was parsed.
      if (this.#socket === socket)
        this.#end ??= { class: classOf(error, socket, wasOpen), message: error.message };
    });
    socket.once('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#open = false;
      this.#handler.onClose(this.#end ?? { class: 'closed', message: 'the server closed the connection' });
    });
  }

  /** Sends a request: the next response is the answer to it. */
  write(bytes: Uint8Array): void {
    this.#parser.expect();
    this.#socket?.write(bytes);
  }

  /** Gives the connection up for a reason; `onClose` follows. */
  abort(end: ConnectionEnd): void {
    this.#end ??= end;
    this.#open = false;
    for (const { bytes } of this.#waiting.splice(0)) readBacklog.remove(bytes.length);
    this.#socket?.destroy();
  }

  /** Parses what waits, in the order in which it was read. */
  parseWaiting(): void {
    for (let read = this.#waiting.shift(); read !== undefined; read = this.#waiting.shift()) {
      readBacklog.remove(read.bytes.length);
      this.#parse(read.bytes, read.bytes.length, read.atMs);
    }
  }

  #read(length: number, atMs: number): void {
    if (this.#coldReads > 0 && this.#parser.isExpecting && readBacklog.hasRoomFor(length)) {
      this.#coldReads--;
      this.#waiting.push({ bytes: Buffer.from(readBuffer.subarray(0, length)), atMs });
      readBacklog.add(this, length);
    } else {
      const socket = this.#socket;
      if (this.hasWaiting) this.parseWaiting();
      if (this.#socket === socket) this.#parse(readBuffer, length, atMs);
    }
  }

  /** Returns whether the connection can carry another response. */
  #endResponse(): boolean {
    this.#coldReads = 0;
    // What was read behind the end was sent unasked: the next request has yet to be sent.
    this.parseWaiting();
    return this.#end === undefined;
  }

  #parse(buffer: Buffer, length: number, atMs: number): void {
    if (this.#end !== undefined) return;
    try {
      this.#parser.push(buffer, 0, length, atMs, this.#handler);
      this.#handler.onRead();
    } catch (error) {
      this.abort(endBy(error));
    }
  }

  /** Gives the connection up for what is thrown while its last bytes are read. */
  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.abort(endBy(error));
    }
  }
}

/** How a connection ends whose bytes could not be read on. */
export function endBy(error: unknown): ConnectionEnd {
  return {
    class: error instanceof BrokenReply ? error.troubleClass : 'client-error',
    message: error instanceof Error ? error.message : String(error),
  };
}

/** A certificate is checked against the name in the URL; SNI carries names only, never addresses. */
function tlsNameOf(name: string): { servername?: string } {
  return isIP(name) === 0 ? { servername: name } : {};
}

function classOf(error: NodeJS.ErrnoException, socket: Socket, wasOpen: boolean): string {
  if (isRefused(error, socket)) return refusedCertificate;
  if (wasOpen) return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'connection';
  if (error.code === 'ECONNREFUSED') return 'connect-refused';
  return error.code?.startsWith('ERR_TLS') === true ? 'tls' : 'connect';
}
