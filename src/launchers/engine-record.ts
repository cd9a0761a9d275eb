import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { WorkError } from '../errors.ts';
import { identityOf, isAlive } from '../process/identity.ts';

/** The environment variable by which a started engine, and all it starts, can be told from every other process. */
export const tokenVariable = 'INFERENCEMAX_ENGINE_TOKEN';

/** A process, as records name it. */
export const processIdentity = z.object({ pid: z.int().positive(), startedAt: z.string() });

/** What every record has; a launcher adds fields of its own. */
export const baseRecord = z.object({
  /** The launcher's kind. */
  launcher: z.string(),
  token: z.string(),
  sessionId: z.string(),
  port: z.int(),
  /** The machine that runs the product; records in a shared folder are nobody else's to judge. */
  machine: z.string(),
  /** The product's process that started the engine and must end it. */
  owner: processIdentity,
  /** The host through which it was started, such as ssh's destination; absent on this machine. */
  destination: z.string().optional(),
});
export type BaseRecord = z.output<typeof baseRecord>;

/** A record that was written, and is there until what it describes has ended. */
export interface OpenRecord<Extra> {
  readonly token: string;
  /** Writes down what is known now. */
  update(extra: Extra): Promise<void>;
  remove(): Promise<void>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The engine records below one folder, one file each: written before anything is started and removed after it has
 * ended, so that no crash can hide an engine.
 */
export class EngineRecords {
  readonly #folder: string;
  readonly #schema: z.ZodType<Readonly<Record<string, unknown>>>;

  /** @param schema What a record may be: that of some launcher. */
  constructor(folder: string, schema: z.ZodType<Readonly<Record<string, unknown>>>) {
    this.#folder = folder;
    this.#schema = schema;
  }

  /** Writes a new record with a new token, and with this process as the owner. */
  async open<Extra extends object>(
    about: Pick<BaseRecord, 'launcher' | 'sessionId' | 'port'>,
    destination: string | undefined,
  ): Promise<OpenRecord<Extra>> {
    const owner = await identityOf(process.pid);
    if (owner === undefined) throw new Error('this process has no identity');
    const token = randomUUID();
    const record = { ...about, token, machine: hostname(), owner, destination };
    const path = join(this.#folder, `${token}.json`);
    const write = async (extra: object) =>
      await writeFileAtomically(path, `${JSON.stringify({ ...record, ...extra }, null, 2)}\n`);
    await write({});
    return { token, update: write, remove: async () => await rm(path, { force: true }) };
  }

  async remove(token: string): Promise<void> {
    await rm(join(this.#folder, `${token}.json`), { force: true });
  }

  /** All records, of every launcher. Throws WorkError for a file that is none. */
  async list(): Promise<BaseRecord[]> {
    return (await this.#all()).map((record) => baseRecord.parse(record));
  }

  /** The records of one launcher on a host whose product has died. */
  async orphans<Extra extends z.ZodRawShape>(
    launcher: string,
    extra: Extra,
    destination: string | undefined,
  ): Promise<(BaseRecord & z.output<z.ZodObject<Extra>>)[]> {
    const own = z.object(extra);
    const orphans: (BaseRecord & z.output<z.ZodObject<Extra>>)[] = [];
    for (const data of await this.#all()) {
      const record = baseRecord.parse(data);
      if (record.machine !== hostname() || record.destination !== destination) continue;
      if (record.launcher !== launcher || (await isAlive(record.owner))) continue;
      orphans.push({ ...own.parse(data), ...record });
    }
    return orphans;
  }

  async #all(): Promise<unknown[]> {
    await mkdir(this.#folder, { recursive: true });
    const files = (await readdir(this.#folder)).filter(
      (file) => file.endsWith('.json') && !file.startsWith('.'),
    );
    const records = await Promise.all(files.map((file) => this.#read(join(this.#folder, file))));
    return records.filter((record) => record !== undefined);
  }

  async #read(path: string): Promise<unknown> {
    // A record that went away meanwhile belonged to a run that ended in order.
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const parsed = this.#schema.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new WorkError(`${path} is not an engine record`, {
        hint: 'stop the engine that it may have described, then delete the file',
      });
    }
    return parsed.data;
  }
}
