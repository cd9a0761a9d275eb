import { kindOf } from './documents/index.ts';
import { EncodedBody } from './http/encoding.ts';
import type { Knowledge } from './knowledge.ts';

/** Bytes of documents that are kept; the one unread for longest goes first. */
const maxBytes = 64 * 1024 * 1024;

/** Documents as they are sent, each made once for every state of the store. */
export class DocumentCache {
  readonly #knowledge: Knowledge;
  readonly #bodies = new Map<string, Promise<EncodedBody | undefined>>();
  #bytes = 0;
  #version = '';

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
  }

  /** The document at a path such as `shapes/dsr1_1024_1024`; undefined where there is none. */
  async get(path: string): Promise<EncodedBody | undefined> {
    const version = await this.#knowledge.store.version();
    if (version !== this.#version) {
      this.#bodies.clear();
      this.#bytes = 0;
      this.#version = version;
    }
    const known = this.#bodies.get(path);
    if (known !== undefined) {
      this.#bodies.delete(path);
      this.#bodies.set(path, known);
      return await known;
    }
    const making = this.#make(path);
    this.#bodies.set(path, making);
    try {
      const body = await making;
      if (this.#bodies.get(path) === making) {
        if (body === undefined) this.#bodies.delete(path);
        else await this.#keep(body.plain.length);
      }
      return body;
    } catch (error) {
      this.#bodies.delete(path);
      throw error;
    }
  }

  async #make(path: string): Promise<EncodedBody | undefined> {
    const found = kindOf(path);
    if (found === undefined) return undefined;
    const document = await found.kind.build(this.#knowledge, found.parts);
    return document === undefined ? undefined : new EncodedBody(JSON.stringify(document));
  }

  async #keep(bytes: number): Promise<void> {
    this.#bytes += bytes;
    for (const [path, body] of this.#bodies) {
      if (this.#bytes <= maxBytes || this.#bodies.size === 1) return;
      this.#bodies.delete(path);
      this.#bytes -= (await body)?.plain.length ?? 0;
    }
  }
}
