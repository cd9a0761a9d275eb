import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { commitOf, filesAtRef } from '../changelog/index.ts';
import { loadMasterConfigs, loadRunnerPools, type MasterConfigs, type RunnerPools } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { run } from '../process/run.ts';

const configFolder = '.github/configs';
const fetchTimeoutMs = 120_000;

/** A repository with the watched ref and the configs of its commits. */
export class WatchedRepository {
  readonly path: string;
  readonly #ref: string;
  readonly #remote: string | undefined;

  /** @param remote Fetched before each look; undefined to look at the local repository. */
  constructor(path: string, ref: string, remote: string | undefined) {
    this.path = path;
    this.#ref = ref;
    this.#remote = remote;
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
    const files = await filesAtRef(this.path, commit, configFolder);
    const masters = [...files.keys()].filter((name) => name.endsWith('-master.yaml')).toSorted();
    if (masters.length === 0 || !files.has('runners.yaml')) {
      throw new InputError(
        `commit ${commit.slice(0, 12)} needs ${configFolder}/*-master.yaml and runners.yaml`,
      );
    }
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const name of [...masters, 'runners.yaml']) {
      await writeFileAtomically(join(folder, name), files.get(name) ?? '');
    }
    const [configs, pools] = await Promise.all([
      loadMasterConfigs(masters.map((name) => join(folder, name))),
      loadRunnerPools(join(folder, 'runners.yaml')),
    ]);
    return { configs, pools };
  }
}
