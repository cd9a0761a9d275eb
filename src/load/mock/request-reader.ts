/** One request read from a connection. */
export interface MockRequest {
  readonly method: string;
  readonly path: string;
  /** Its request line and headers. */
  readonly head: string;
  readonly body: Buffer;
}

/** Splits a connection's bytes into requests with a Content-Length, the only kind that our client sends. */
export class RequestReader {
  #pending: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): MockRequest[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const requests: MockRequest[] = [];
    for (;;) {
      const headEnd = this.#pending.indexOf('\r\n\r\n');
      if (headEnd === -1) return requests;
      const head = this.#pending.toString('latin1', 0, headEnd);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (this.#pending.length < end) return requests;
      const [method = '', path = ''] = head.slice(0, head.indexOf('\r\n')).split(' ');
      requests.push({ method, path, head, body: this.#pending.subarray(headEnd + 4, end) });
      this.#pending = this.#pending.subarray(end);
    }
  }
}
