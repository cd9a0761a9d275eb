import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';

const keptAnswer = z.object({
  url: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** The page after it. */
  next: z.string().nullable(),
  body: z.string(),
});

/** An answer as it was given: what it said, when, and by what it is recognised. */
export type KeptAnswer = z.infer<typeof keptAnswer>;

/** Answers of an API, one file each, written when they are whole. */
export class AnswerCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The last answer to a question; undefined where there is none, or none that can be read. */
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
