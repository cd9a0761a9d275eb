import { BodyCache } from './body-cache.ts';
import { kindOf } from './documents/index.ts';
import { EncodedBody } from './http/encoding.ts';
import type { Knowledge } from './knowledge.ts';

/** Caches documents as response bodies; each is made once per state of the store. */
export class DocumentCache {
  readonly #knowledge: Knowledge;
  readonly #bodies: BodyCache<EncodedBody | undefined>;

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge;
    this.#bodies = new BodyCache(async () => await knowledge.store.version());
  }

  /** The document at a path such as `shapes/dsr1_1024_1024`; undefined if it does not exist. */
  async get(path: string): Promise<EncodedBody | undefined> {
    return await this.#bodies.get(path, async () => {
      const found = kindOf(path);
      if (found === undefined) return undefined;
      const document = await found.kind.build(this.#knowledge, found.parts);
      return document === undefined ? undefined : new EncodedBody(JSON.stringify(document));
    });
  }
}
