import { copyFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { InputError, messageOf } from '../../errors.ts';
import { namedTraces } from '../../trace-names.ts';

/** The folder into which a server on this machine writes its profiles. */
export class ProfileFolder {
  readonly #folder: string;
  #before: ReadonlyMap<string, string>;

  private constructor(folder: string, before: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#before = before;
  }

  /** Remembers what the folder has now. Throws InputError if it cannot be read. */
  static async open(folder: string): Promise<ProfileFolder> {
    try {
      return new ProfileFolder(folder, await filesIn(folder));
    } catch (error) {
      throw new InputError(
        `--profile-dir ${folder} cannot be read: ${messageOf(error)}`,
        'name the folder that the server was started with, such as that of VLLM_TORCH_PROFILER_DIR',
        { code: 'file-unreadable' },
      );
    }
  }

  /** Copies what was written since then into a folder, as `profile_<name>`, and returns the names of the copies. */
  async keep(into: string, name: string): Promise<string[]> {
    const now = await filesIn(this.#folder);
    const written = [...now].flatMap(([file, state]) => (this.#before.get(file) === state ? [] : [file]));
    this.#before = now;
    const traces = namedTraces(written, name);
    for (const trace of traces) await copyFile(join(this.#folder, trace.file), join(into, trace.name));
    return traces.map((trace) => trace.name);
  }
}

/** The files of a folder, and of those in it, with what changes when they are written. */
async function filesIn(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await stat(path);
    files.set(relative(folder, path), `${size} ${mtimeMs}`);
  }
  return files;
}
