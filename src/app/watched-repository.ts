import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { commitOf, fileAtRef, filesAtRef } from '../changelog/index.ts';
import { loadMasterConfigs, loadRunnerPools, type MasterConfigs, type RunnerPools } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { run } from '../process/run.ts';
import type { ConfigOptions } from './changelog-sides.ts';
import { configFolders, isMasterConfig, runnersName } from './default-files.ts';

/** Digits of a commit in messages. */
const shownDigits = 12;
const fetchTimeoutMs = 120_000;

/** A repository with the watched ref and the configs of its commits. */
export class WatchedRepository {
  readonly path: string;
  readonly #ref: string;
  readonly #remote: string | undefined;
  readonly #named: ConfigOptions;

  /**
   * @param remote Fetched before each look; undefined to look at the local repository.
   * @param named The files to read, as paths from the root; default: those that `run` reads.
   */
  constructor(path: string, ref: string, remote: string | undefined, named: ConfigOptions = {}) {
    this.path = path;
    this.#ref = ref;
    this.#remote = remote;
    this.#named = named;
  }

  /** The commit to which the ref points now. Throws WorkError if the remote does not answer. */
  async head(signal: AbortSignal): Promise<string> {
    if (this.#remote === undefined) return await commitOf(this.path, this.#ref);
    const fetch = [
      'git',
      '-C',
      this.path,
      'fetch',
      '--quiet',
      '--end-of-options',
      this.#remote,
      this.#ref,
    ] as const;
    await run(fetch, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(fetchTimeoutMs)]),
      env: { GIT_TERMINAL_PROMPT: '0' },
    });
    return await commitOf(this.path, 'FETCH_HEAD');
  }

  /**
   * Reads the master configs and runner pools of a commit, after writing them to a folder so that errors name
   * a file.
   * Throws InputError if the commit has none or they are invalid.
   */
  async configsAt(commit: string, folder: string): Promise<{ configs: MasterConfigs; pools: RunnerPools }> {
    const masters = await this.#mastersAt(commit);
    const runners = await this.#runnersAt(commit, [...masters.keys()]);
    await rm(folder, { recursive: true, force: true });
    for (const [path, text] of [...masters, runners]) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await writeFileAtomically(join(folder, path), text);
    }
    const [configs, pools] = await Promise.all([
      loadMasterConfigs([...masters.keys()].map((path) => join(folder, path))),
      loadRunnerPools(join(folder, runners[0])),
    ]);
    return { configs, pools };
  }

  /** The texts of the master configs by path: the named files, else those of the first folder that has some. */
  async #mastersAt(commit: string): Promise<ReadonlyMap<string, string>> {
    const { configFiles } = this.#named;
    if (configFiles !== undefined) {
      const texts = await Promise.all(configFiles.map((path) => this.#textAt(commit, path)));
      return new Map(texts);
    }
    for (const folder of configFolders) {
      const files = await filesAtRef(this.path, commit, folder);
      const masters = [...files]
        .filter(([name]) => isMasterConfig(name))
        .toSorted(([a], [b]) => (a < b ? -1 : 1));
      if (masters.length > 0) return new Map(masters.map(([name, text]) => [join(folder, name), text]));
    }
    throw new InputError(
      `commit ${commit.slice(0, shownDigits)} has no master config: none of ${configFolders.join(', ')} has a file *-master.yaml`,
      'add one to the repository, or name its files with --config-files',
      { code: 'unknown-ref' },
    );
  }

  /** The runner pools: the named file, else the one beside the configs or in the folder above. */
  async #runnersAt(commit: string, masters: readonly string[]): Promise<readonly [string, string]> {
    const { runnerConfig } = this.#named;
    if (runnerConfig !== undefined) return await this.#textAt(commit, runnerConfig);
    const paths = masters.flatMap((path) =>
      [dirname(path), join(dirname(path), '..')].map((folder) => join(folder, runnersName)),
    );
    for (const path of new Set(paths)) {
      const text = await fileAtRef(this.path, commit, path);
      if (text !== '') return [path, text];
    }
    throw new InputError(
      `commit ${commit.slice(0, shownDigits)} has no ${runnersName} beside ${masters.join(', ')} or in the folder above`,
      'add one to the repository, or name it with --runner-config',
      { code: 'unknown-ref' },
    );
  }

  async #textAt(commit: string, path: string): Promise<readonly [string, string]> {
    const text = await fileAtRef(this.path, commit, path);
    if (text !== '') return [path, text];
    throw new InputError(
      `commit ${commit.slice(0, shownDigits)} has no file ${path}`,
      'write the path from the root of the repository',
      { code: 'unknown-ref' },
    );
  }
}
