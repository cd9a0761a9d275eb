import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const lookEveryMs = 100;

interface TerminalOptions {
  readonly cwd: string;
  readonly columns: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A real terminal (tmux) with a program in it, which rewraps lines when it is resized. */
export class Terminal implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts a program; its exit code is the last line on the screen. */
  static async start(argv: readonly string[], { cwd, columns, env }: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(await mkdtemp(join(tmpdir(), 'terminal-')));
    const shown = 'trap : INT; env "$@"; echo "exit code $?"; exec sleep 3600';
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    await terminal.#tmux('-f', '/dev/null', 'new-session', '-d', '-c', cwd, '-x', `${columns}`, '-y', '24', [
      'sh',
      '-c',
      shown,
      'sh',
      ...settings,
      ...argv,
    ]);
    return terminal;
  }

  /** Everything on the screen and in the scrollback, by terminal row. */
  async rows(): Promise<string[]> {
    const text = await this.#tmux('capture-pane', '-p', '-S', '-');
    return text.trimEnd().split('\n');
  }

  /** Returns the rows once they satisfy the condition; rejects with the current rows after a minute. */
  async until(satisfy: (rows: readonly string[]) => boolean): Promise<readonly string[]> {
    const deadlineMs = performance.now() + 60_000;
    for (;;) {
      const rows = await this.rows();
      if (satisfy(rows)) return rows;
      await delay(lookEveryMs);
      if (performance.now() > deadlineMs) throw new Error(`not on the screen:\n${rows.join('\n')}`);
    }
  }

  async ended(): Promise<readonly string[]> {
    return await this.until((rows) => rows.some((row) => row.startsWith('exit code ')));
  }

  async resize(columns: number): Promise<void> {
    await this.#tmux('resize-window', '-x', `${columns}`, '-y', '24');
  }

  async press(key: string): Promise<void> {
    await this.#tmux('send-keys', key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #tmux(...args: (string | readonly string[])[]): Promise<string> {
    const socket = join(this.#folder, 'socket');
    const { stdout } = await execute('tmux', ['-u', '-S', socket, ...args.flat()], {
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    });
    return stdout;
  }
}
