import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { nowMs } from '../../src/load/clock.ts';

/** A socket that this process opened as a client. */
interface ClientSocket {
  readonly socket: Socket;
  /** When it was last written to. */
  wroteMs: number;
}

/**
 * The other side of a server in the same process: lets it wait until the client has read what was written, so that two
 * writes are never one read however busy the machine is, and tells when the client itself had written.
 */
export class ClientSockets {
  readonly #byPort = new Map<number, ClientSocket>();
  readonly #onSocket = (message: unknown): void => {
    const socket = socketIn(message);
    socket?.once('connect', () => this.#watch(socket));
  };

  constructor() {
    subscribe('net.client.socket', this.#onSocket);
  }

  /** When the client of a server's socket last wrote to it, on the clock of the load generator. */
  wroteMs(accepted: Socket): number {
    const client = this.#clientOf(accepted);
    if (client === undefined) throw new Error('the socket is not of a client in this process');
    return client.wroteMs;
  }

  /** Resolves when all bytes written to the socket have been read, or nobody will read them. */
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

  #watch(socket: Socket): void {
    const { localPort, write } = socket;
    if (localPort === undefined) return;
    const client: ClientSocket = { socket, wroteMs: Number.NaN };
    this.#byPort.set(localPort, client);
    socket.once('close', () => {
      // The port may already be another socket's.
      if (this.#byPort.get(localPort) === client) this.#byPort.delete(localPort);
    });
    Object.defineProperty(socket, 'write', {
      value: (...args: unknown[]): boolean => {
        client.wroteMs = nowMs();
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
