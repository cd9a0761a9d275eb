import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';

const keptAnswer = z.object({
  url: z.string(),
  /** Unix time in milliseconds. */
  at: z.number(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** The URL of the next page. */
  next: z.string().nullable(),
  body: z.string(),
});

/** A stored answer: its body, the time of the request, and its ETag. */
export type KeptAnswer = z.infer<typeof keptAnswer>;

/** Answers of an API, stored atomically in one file each. */
export class AnswerCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The last answer from `url`, or undefined if there is no readable one. */
  async get(url: string): Promise<KeptAnswer | undefined> {
    const text = await readFile(this.#fileOf(url), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const kept = keptAnswer.parse(JSON.parse(text));
      return kept.url === url ? kept : undefined;
    } catch {
      return undefined;
    }
  }

  async put(answer: KeptAnswer): Promise<void> {
    await writeFileAtomically(this.#fileOf(answer.url), JSON.stringify(answer));
  }

  #fileOf(url: string): string {
    return join(this.#folder, `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.json`);
  }
}
