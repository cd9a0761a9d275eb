import type { Transform } from 'node:stream';
import { BrokenReply } from '../reply/broken-reply.ts';
import type { Unpacker } from './content-encoding.ts';

/** The limit for compressed bytes that wait, if a server sends faster than they can be decompressed. */
const mostWaitingBytes = 16 * 1024 * 1024;

/**
 * Decompresses a body that a proxy compressed unasked. Every output keeps the timestamp of the read that contained it.
 */
export class PackedBody {
  readonly #unpacker: Unpacker;
  #unpacking: Transform | undefined;
  readonly #waiting: { readonly bytes: Buffer; readonly atMs: number }[] = [];
  readonly #onBytes: (bytes: Buffer, atMs: number) => void;
  readonly #onEnd: (error: Error | undefined) => void;
  #waitingBytes = 0;
  #atMs = 0;
  #busy = false;
  #ending = false;
  #onIdle: (() => void) | undefined;

  /** `onEnd` is called once: after `end`, when everything is decompressed, or with the error in the body. */
  constructor(
    unpacker: Unpacker,
    onBytes: (bytes: Buffer, atMs: number) => void,
    onEnd: (error: Error | undefined) => void,
  ) {
    this.#unpacker = unpacker;
    this.#onBytes = onBytes;
    this.#onEnd = onEnd;
  }

  /**
   * Copies the bytes, because the caller reuses its buffer for the next read. Throws BrokenReply if too many bytes
   * wait.
   */
  push(buffer: Buffer, start: number, end: number, atMs: number): void {
    this.#waitingBytes += end - start;
    if (this.#waitingBytes > mostWaitingBytes) {
      const megabytes = mostWaitingBytes / 2 ** 20;
      throw new BrokenReply(
        'oversized-body',
        `more than ${megabytes} MiB of compressed bytes wait to be decompressed`,
      );
    }
    this.#waiting.push({ bytes: Buffer.from(buffer.subarray(start, end)), atMs });
    this.#next();
  }

  end(): void {
    this.#ending = true;
    this.#next();
  }

  /** Calls back once everything so far is decompressed. Returns false and never calls back if it already is. */
  whenIdle(onIdle: () => void): boolean {
    if (!this.#busy && this.#waiting.length === 0) return false;
    this.#onIdle = onIdle;
    return true;
  }

  close(): void {
    this.#onIdle = undefined;
    this.#unpacking?.removeAllListeners().on('error', () => {});
    this.#unpacking?.destroy();
  }

  #next(): void {
    if (this.#busy) return;
    const piece = this.#waiting.shift();
    if (piece === undefined) {
      if (this.#ending) this.#opened(0).end();
      this.#becomeIdle();
      return;
    }
    this.#busy = true;
    this.#waitingBytes -= piece.bytes.length;
    this.#atMs = piece.atMs;
    this.#opened(piece.bytes[0] ?? 0).write(piece.bytes, () => {
      this.#busy = false;
      this.#next();
    });
  }

  #becomeIdle(): void {
    const onIdle = this.#onIdle;
    this.#onIdle = undefined;
    onIdle?.();
  }

  #opened(firstByte: number): Transform {
    if (this.#unpacking !== undefined) return this.#unpacking;
    const unpacking = this.#unpacker(firstByte);
    unpacking.on('data', (bytes: Buffer) => this.#onBytes(bytes, this.#atMs));
    unpacking.once('error', (error) => {
      // The waiting bytes cannot be decompressed any more.
      this.#waiting.length = 0;
      this.#busy = false;
      this.#onEnd(error);
      this.#becomeIdle();
    });
    unpacking.once('end', () => this.#onEnd(undefined));
    this.#unpacking = unpacking;
    return unpacking;
  }
}
