import type { EncodedBody } from './http/encoding.ts';

/** Maximum total size of the cached bodies in bytes; the least recently used one is dropped first. */
const maxBytes = 64 * 1024 * 1024;

/** Caches response bodies; each is made once per state of the store. */
export class BodyCache<Body extends EncodedBody | undefined> {
  readonly #versionOf: () => Promise<string>;
  readonly #bodies = new Map<string, Promise<Body>>();
  #bytes = 0;
  #version = '';

  constructor(versionOf: () => Promise<string>) {
    this.#versionOf = versionOf;
  }

  /**
   * The body with this name, made if it is not cached for the current state of the store. Undefined and
   * failures are not cached.
   */
  async get(name: string, make: () => Promise<Body>): Promise<Body> {
    const version = await this.#versionOf();
    if (version !== this.#version) {
      this.#bodies.clear();
      this.#bytes = 0;
      this.#version = version;
    }
    const known = this.#bodies.get(name);
    if (known !== undefined) {
      this.#bodies.delete(name);
      this.#bodies.set(name, known);
      return await known;
    }
    const making = make();
    this.#bodies.set(name, making);
    try {
      const body = await making;
      if (this.#bodies.get(name) === making) {
        if (body === undefined) this.#bodies.delete(name);
        else await this.#keep(body.plain.length);
      }
      return body;
    } catch (error) {
      if (this.#bodies.get(name) === making) this.#bodies.delete(name);
      throw error;
    }
  }

  async #keep(bytes: number): Promise<void> {
    this.#bytes += bytes;
    for (const [name, body] of this.#bodies) {
      if (this.#bytes <= maxBytes || this.#bodies.size === 1) return;
      this.#bodies.delete(name);
      this.#bytes -= (await body)?.plain.length ?? 0;
    }
  }
}
