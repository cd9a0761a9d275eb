import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { WorkError } from '../errors.ts';
import { identityOf, isAlive } from '../process/identity.ts';

/** The environment variable that marks an engine and all of its descendants. */
export const tokenVariable = 'INFERENCEMAX_ENGINE_TOKEN';

/** Identifies a process in a record. */
export const processIdentity = z.object({ pid: z.int().positive(), startedAt: z.string() });

/** The fields of every record; a launcher adds more. */
export const baseRecord = z.object({
  /** The launcher's kind. */
  launcher: z.string(),
  token: z.string(),
  sessionId: z.string(),
  port: z.int(),
  /** The machine that runs InferenceMAX. In a shared folder, each machine handles only its own records. */
  machine: z.string(),
  /** The InferenceMAX process that started the engine and must stop it. */
  owner: processIdentity,
  /** The host through which it was started, such as ssh's destination; absent for this machine. */
  destination: z.string().optional(),
});
export type BaseRecord = z.output<typeof baseRecord>;

/** A record on disk; it exists until what it describes has ended. */
export interface OpenRecord<Extra> {
  readonly token: string;
  /** Writes what is known now. */
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
 * The engine records in one folder, one file each. They are written before anything starts and removed after it has
 * ended, so that a crash cannot hide an engine.
 */
export class EngineRecords {
  readonly #folder: string;
  readonly #schema: z.ZodType<Readonly<Record<string, unknown>>>;

  /** @param schema The schema of a record, with the fields of each launcher. */
  constructor(folder: string, schema: z.ZodType<Readonly<Record<string, unknown>>>) {
    this.#folder = folder;
    this.#schema = schema;
  }

  /** Writes a new record with a new token and with this process as its owner. */
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

  /** All records of all launchers. Throws WorkError if a file is not a record. */
  async list(): Promise<BaseRecord[]> {
    return (await this.#all()).map((record) => baseRecord.parse(record));
  }

  /** The records of one launcher on one host whose InferenceMAX process has died. */
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
    // If the record has gone meanwhile, its run ended normally.
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const parsed = this.#schema.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new WorkError(`${path} is not an engine record`, {
        code: 'engine-failed',
        hint: 'stop the engine that it may have described, then delete the file',
      });
    }
    return parsed.data;
  }
}
