import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { nowMs } from '../../src/load/clock.ts';

/** When a client did what, on the load generator's clock, milliseconds. */
interface ClientTimes {
  readonly openedMs: number;
  /** When it last wrote, and how often; each request is one write. */
  sentMs: number;
  requests: number;
}

/** A socket that this process opened as a client. */
interface ClientSocket extends ClientTimes {
  readonly socket: Socket;
}

/**
 * The client side of a server in the same process. It lets the server wait until the client has read what was written,
 * so that two writes are never read at once even on a busy machine, and it records when the client wrote.
 */
export class ClientSockets {
  readonly #byPort = new Map<number, ClientSocket>();
  readonly #onSocket = (message: unknown): void => {
    const socket = socketIn(message);
    const openedMs = nowMs();
    socket?.once('connect', () => this.#watch(socket, openedMs));
  };

  constructor() {
    subscribe('net.client.socket', this.#onSocket);
  }

  /** What the client of a server's socket has done; undefined if it has closed its side. */
  timesOf(accepted: Socket): Readonly<ClientTimes> | undefined {
    return this.#clientOf(accepted);
  }

  /** Resolves when all bytes written to the socket have been read, or will never be read. */
  async untilRead(accepted: Socket): Promise<void> {
    for (;;) {
      const client = this.#clientOf(accepted);
      if (client === undefined || accepted.destroyed) return;
      if (client.socket.bytesRead >= accepted.bytesWritten) return;
      await new Promise((turned) => setImmediate(turned));
    }
  }

  close(): void {
    unsubscribe('net.client.socket', this.#onSocket);
  }

  #watch(socket: Socket, openedMs: number): void {
    const { localPort, write } = socket;
    if (localPort === undefined) return;
    const client: ClientSocket = { socket, openedMs, sentMs: Number.NaN, requests: 0 };
    this.#byPort.set(localPort, client);
    socket.once('close', () => {
      // The port may already belong to another socket.
      if (this.#byPort.get(localPort) === client) this.#byPort.delete(localPort);
    });
    Object.defineProperty(socket, 'write', {
      writable: true,
      value: (...args: unknown[]): boolean => {
        client.sentMs = nowMs();
        client.requests++;
        return Reflect.apply(write, socket, args) === true;
      },
    });
  }

  #clientOf({ remotePort }: Socket): ClientSocket | undefined {
    return remotePort === undefined ? undefined : this.#byPort.get(remotePort);
  }
}

function socketIn(message: unknown): Socket | undefined {
  return typeof message === 'object' && message !== null && 'socket' in message && isSocket(message.socket)
    ? message.socket
    : undefined;
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'bytesRead' in value && 'remotePort' in value;
}
