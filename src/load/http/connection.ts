import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { defined } from '../../defined/defined.ts';
import { nowMs } from '../clock.ts';
import { BrokenReply } from '../reply/broken-reply.ts';
import { isRefused, refusedCertificate } from './certificate.ts';
import { type BacklogMember, readBacklog } from './read-backlog.ts';
import { type ResponseHandler, ResponseParser } from './response-parser.ts';
import type { ConnectionTarget } from './target.ts';

/** Why a connection ended. */
export interface ConnectionEnd {
  readonly class: string;
  readonly message: string;
}

/** Receives what happens on a connection. */
export interface ConnectionHandler extends ResponseHandler {
  onOpen(): void;
  /** Called after everything from one read was handled. */
  onRead(): void;
  /** Called once for each `open`, even if the connection could not be opened. */
  onClose(end: ConnectionEnd): void;
}

// All sockets share one buffer: reads are synchronous, and each is handled before the next one starts.
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/** At most this many reads of a connection's first response wait to be parsed; by then the code is compiled. */
const mostColdReads = 16;

/** The bytes of one read that are not parsed yet, by their place in the backlog. */
interface WaitingRead {
  readonly start: number;
  readonly end: number;
  readonly atMs: number;
}

/**
 * One keep-alive HTTP/1.1 connection. Bytes are timestamped in the read callback, before anything looks at them. Bytes
 * of its first response are parsed only after the other sockets were read as well (`read-backlog.ts`), because first
 * responses arrive together and the parsing code is not compiled yet.
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

  /** Whether bytes of a response to the last request have arrived. */
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
    // Loading TLS takes 20 ms, so tests without it start faster.
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
      // Mark the connection as closed before parsing: if a reply ends in the waiting bytes, the next request must not
      // be sent here.
      if (this.#socket === socket) {
        this.#open = false;
        this.parseWaiting();
      }
      // Destroy the socket first: the handler may open the next connection immediately.
      socket.destroy();
      if (this.#socket === socket) this.#guard(() => this.#parser.close(nowMs(), this.#handler));
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (this.#socket !== socket) return;
      const wasOpen = this.#open;
      this.#open = false;
      this.parseWaiting();
      // Parsing may have made the handler open the next connection.
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

  /** Sends a request; the next response belongs to it. */
  write(bytes: Uint8Array): void {
    this.#parser.expect();
    this.#socket?.write(bytes);
  }

  /** Closes the connection for the given reason; `onClose` follows. */
  abort(end: ConnectionEnd): void {
    this.#end ??= end;
    this.#open = false;
    for (const { start, end: until } of this.#waiting.splice(0)) readBacklog.remove(until - start);
    this.#socket?.destroy();
  }

  /** Parses waiting bytes in the order in which they were read. */
  parseWaiting(): void {
    for (let read = this.#waiting.shift(); read !== undefined; read = this.#waiting.shift()) {
      readBacklog.remove(read.end - read.start);
      this.#parse(readBacklog.kept, read.start, read.end, read.atMs);
    }
  }

  #read(length: number, atMs: number): void {
    if (this.#coldReads > 0 && this.#parser.isExpecting && readBacklog.hasRoomFor(length)) {
      this.#coldReads--;
      const start = readBacklog.add(this, readBuffer, length);
      this.#waiting.push({ start, end: start + length, atMs });
    } else {
      const socket = this.#socket;
      if (this.hasWaiting) this.parseWaiting();
      if (this.#socket === socket) this.#parse(readBuffer, 0, length, atMs);
    }
  }

  /** Returns whether the connection can carry another response. */
  #endResponse(): boolean {
    this.#coldReads = 0;
    // Bytes read after the end were unsolicited, because the next request has not been sent yet.
    this.parseWaiting();
    return this.#end === undefined;
  }

  #parse(buffer: Buffer, start: number, end: number, atMs: number): void {
    if (this.#end !== undefined) return;
    try {
      this.#parser.push(buffer, start, end, atMs, this.#handler);
      this.#handler.onRead();
    } catch (error) {
      this.abort(endBy(error));
    }
  }

  /** Closes the connection if reading its last bytes throws. */
  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.abort(endBy(error));
    }
  }
}

/** The end of a connection whose bytes could not be parsed. */
export function endBy(error: unknown): ConnectionEnd {
  return {
    class: error instanceof BrokenReply ? error.troubleClass : 'client-error',
    message: error instanceof Error ? error.message : String(error),
  };
}

/** The certificate is checked against the name in the URL. SNI only carries names, never addresses. */
function tlsNameOf(name: string): { servername?: string } {
  return isIP(name) === 0 ? { servername: name } : {};
}

function classOf(error: NodeJS.ErrnoException, socket: Socket, wasOpen: boolean): string {
  if (isRefused(error, socket)) return refusedCertificate;
  if (wasOpen) return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset' : 'connection';
  if (error.code === 'ECONNREFUSED') return 'connect-refused';
  return error.code?.startsWith('ERR_TLS') === true ? 'tls' : 'connect';
}
