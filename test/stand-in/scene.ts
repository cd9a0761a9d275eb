import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { isLocked } from '../../src/process/lock.ts';
import { type JournalLine, readJournal, type SweepStory } from '../../src/sweep/index.ts';
import { freePorts } from '../support/free-port.ts';
import { runProduct, TestProduct } from '../support/product.ts';
import { type StandInBehaviour, standIn } from './engine.ts';

/** The only key of every fake config. */
export const configKey = 'smollm2-q4-cpu-llamacpp';

/** Changes to the fake config that leave one point. */
export const onePoint = {
  'seq-len-configs': [{ isl: 32, osl: 16, 'search-space': [{ tp: 1, 'conc-list': [2] }] }],
};

/** A folder with a fake engine, for starting InferenceMAX processes in it. */
export class Scene implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly #started: TestProduct[] = [];

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async open(
    behaviour: StandInBehaviour = {},
    {
      changes = {},
      nodes = 1,
    }: { readonly changes?: Readonly<Record<string, unknown>>; nodes?: number } = {},
  ): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'scene-'));
    const scene = new Scene(folder, await freePorts(nodes));
    await standIn(folder, behaviour, changes);
    const names = Array.from({ length: nodes }, (_, index) => `  - cpu-local_${index}\n`);
    await writeFile(join(folder, 'runners.yaml'), `cpu:\n${names.join('')}`);
    return scene;
  }

  /** The arguments that every run of the scene's config needs. */
  get runArgs(): string[] {
    return ['run', '--config-files', 'master.yaml', '--config-keys', configKey, ...this.ownArgs];
  }

  get ownArgs(): string[] {
    return ['--runner-config', 'runners.yaml', '--cache-dir', 'cache', '--port', String(this.port)];
  }

  get resumeArgs(): string[] {
    return ['run', '--resume', ...this.ownArgs];
  }

  /** Starts a process, which ends with the scene at the latest. */
  start(args: readonly string[], env: Record<string, string> = {}): TestProduct {
    const product = new TestProduct([...args, '--json'], { cwd: this.folder, env });
    this.#started.push(product);
    return product;
  }

  /** Runs the scene's config to the end, after which no engine may be left. */
  async runToEnd(args: readonly string[] = []) {
    const product = this.start([...this.runArgs, ...args]);
    const code = await product.exited;
    await this.expectNoOrphan();
    return { code, product, story: await this.story() };
  }

  /** Interrupts a sweep after its first point; returns its id. */
  async interruptedSweep(): Promise<string> {
    const product = this.start(this.runArgs);
    await product.event(({ type }) => type === 'point-finished');
    product.child.kill('SIGINT');
    expect(await product.exited).toBe(130);
    return (await this.story()).sweepId;
  }

  /** The text of the config for the sweeps, and a function to replace it. */
  async config(): Promise<{ readonly text: string; write(changed: string): Promise<void> }> {
    const path = join(this.folder, 'master.yaml');
    return { text: await readFile(path, 'utf8'), write: async (changed) => await writeFile(path, changed) };
  }

  /** The output of `sweep show --json` for the newest sweep. */
  async story(): Promise<SweepStory> {
    const { code, stdout, stderr } = await runProduct(['sweep', 'show', '--json'], { cwd: this.folder });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  }

  /** Folders of the sweeps, oldest first. */
  async sweeps(): Promise<string[]> {
    const runs = join(this.folder, '.inferencemax', 'runs');
    return (await readdir(runs)).toSorted().map((name) => join(runs, name));
  }

  async journal(): Promise<JournalLine[]> {
    const [sweep, ...others] = await this.sweeps();
    expect(others).toEqual([]);
    return await readJournal(join(sweep ?? '', 'journal.jsonl'));
  }

  /** Checks that every point was finished exactly once in the whole history and that its files exist. */
  async expectNothingLostOrDoubled(points = 3): Promise<void> {
    const [sweep] = await this.sweeps();
    const finished = (await this.journal()).flatMap((line) =>
      line.type === 'point-finished' ? [line.pointId] : [],
    );
    expect(new Set(finished).size).toBe(points);
    expect(finished).toHaveLength(points);
    for (const kind of ['raw', 'agg']) expect(await readdir(join(sweep ?? '', kind))).toHaveLength(points);
  }

  /** The engine's pid, from its record. */
  async enginePid(): Promise<number> {
    const records = join(this.folder, '.inferencemax', 'engines');
    const [file] = (await readdir(records)).filter((name) => name.endsWith('.json'));
    const record = z.object({ engine: z.object({ pid: z.int() }) });
    return record.parse(JSON.parse(await readFile(join(records, file ?? ''), 'utf8'))).engine.pid;
  }

  /**
   * Checks that nothing listens, no engine is recorded and no node is locked; a killed run may leave lock files behind.
   */
  async expectNoOrphan({ killed = false } = {}): Promise<void> {
    await expect(fetch(`http://127.0.0.1:${this.port}/health`)).rejects.toThrow();
    const state = join(this.folder, '.inferencemax');
    const namesIn = async (folder: string) => await readdir(folder).catch(() => []);
    expect(await namesIn(join(state, 'engines'))).toEqual([]);
    for (const folder of [join(state, 'nodes'), join(state, 'machine', 'nodes')]) {
      const locks = (await namesIn(folder)).map((name) => join(folder, name));
      const held = await Promise.all(locks.map((path) => (killed ? isLocked(path) : true)));
      expect(locks.filter((_, index) => held[index])).toEqual([]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const product of this.#started) {
      product.child.kill('SIGTERM');
      await product.exited;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
