import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { WorkError } from '../errors.ts';

/** The environment variable by which a started engine, and all it starts, can be told from every other process. */
export const tokenVariable = 'INFERENCEMAX_ENGINE_TOKEN';

const processIdentity = z.object({ pid: z.int().positive(), startedAt: z.string() });

const engineRecord = z.object({
  token: z.string(),
  sessionId: z.string(),
  port: z.int(),
  /** The product's process that started the engine and must end it. */
  owner: processIdentity,
  /** Absent in the moment between the intent to start and the start. */
  engine: processIdentity.optional(),
});

/** Written before an engine is started and removed after it has ended, so that no crash can hide an engine. */
export type EngineRecord = z.infer<typeof engineRecord>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The engine records below one folder, one file each. */
export class EngineRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(record: EngineRecord): Promise<void> {
    await writeFileAtomically(this.#path(record.token), `${JSON.stringify(record, null, 2)}\n`);
  }

  async remove(token: string): Promise<void> {
    await rm(this.#path(token), { force: true });
  }

  async list(): Promise<EngineRecord[]> {
    await mkdir(this.#folder, { recursive: true });
    const files = (await readdir(this.#folder)).filter(
      (file) => file.endsWith('.json') && !file.startsWith('.'),
    );
    const records = await Promise.all(files.map((file) => this.#read(join(this.#folder, file))));
    return records.filter((record) => record !== undefined);
  }

  async #read(path: string): Promise<EngineRecord | undefined> {
    // A record that went away meanwhile belonged to a run that ended in order.
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const parsed = engineRecord.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new WorkError(`${path} is not an engine record`, {
        hint: 'end the engine it may have described by hand, then delete the file',
      });
    }
    return parsed.data;
  }

  #path(token: string): string {
    return join(this.#folder, `${token}.json`);
  }
}
