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

const processIdentity = z.object({ pid: z.int().positive(), startedAt: z.string() });

const common = {
  token: z.string(),
  sessionId: z.string(),
  port: z.int(),
  /** The machine that runs the product; records in a shared folder are nobody else's to judge. */
  machine: z.string(),
  /** The product's process that started the engine and must end it. */
  owner: processIdentity,
  /** The ssh destination through which it was started; absent on this machine. */
  destination: z.string().optional(),
};

const engineRecord = z.discriminatedUnion('launcher', [
  /** `engine` is absent in the moment between the intent to start and the start, and on another host. */
  z.object({
    launcher: z.literal('local'),
    ...common,
    engine: processIdentity.optional(),
    /** The folder of the cgroup it may be in. */
    cgroup: z.string().optional(),
  }),
  /** The container carries the token as a label. */
  z.object({ launcher: z.literal('docker'), ...common }),
  /** The job is named after the token, so that it is found even before its number was written down. */
  z.object({ launcher: z.literal('slurm'), ...common, jobId: z.int().optional() }),
]);

/** Written before anything is started and removed after it has ended, so that no crash can hide an engine. */
export type EngineRecord = z.infer<typeof engineRecord>;

/** What every record begins with: a new token, and this process as the owner. */
export async function newRecord(sessionId: string, port: number, destination?: string) {
  const owner = await identityOf(process.pid);
  if (owner === undefined) throw new Error('this process has no identity');
  const there = destination === undefined ? {} : { destination };
  return { token: randomUUID(), sessionId, port, machine: hostname(), owner, ...there };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isOf<Kind extends EngineRecord['launcher']>(
  record: EngineRecord,
  launcher: Kind,
): record is Extract<EngineRecord, { launcher: Kind }> {
  return record.launcher === launcher;
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

  /** The records of one launcher whose product has died. */
  async orphans<Kind extends EngineRecord['launcher']>(
    launcher: Kind,
    destination: string | undefined,
  ): Promise<Extract<EngineRecord, { launcher: Kind }>[]> {
    const orphans: Extract<EngineRecord, { launcher: Kind }>[] = [];
    for (const record of await this.list()) {
      if (record.machine !== hostname() || record.destination !== destination) continue;
      if (isOf(record, launcher) && !(await isAlive(record.owner))) orphans.push(record);
    }
    return orphans;
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
