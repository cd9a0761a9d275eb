import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

const debianFolder = '/usr/lib/postgresql';

/** The folder of Debian's PostgreSQL programs; undefined if not installed. */
export const postgresPrograms: string | undefined = existsSync(debianFolder)
  ? readdirSync(debianFolder)
      .map((version) => join(debianFolder, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb')))
  : undefined;

/** PostgreSQL refuses to run as root; Debian's package creates a user for it. */
const asPostgres =
  process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

/** A PostgreSQL server for one test, on loopback, in a temporary folder. */
export class PostgresServer {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #port: number;
  #databases = 0;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.#port = port;
  }

  static async start(programs: string): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
    await chmod(folder, 0o777);
    const data = join(folder, 'data');
    run([
      ...asPostgres,
      join(programs, 'initdb'),
      '-D',
      data,
      '-U',
      'tester',
      '-A',
      'trust',
      '--no-sync',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
    ]);
    const port = await freePort();
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'fsync=off',
    ];
    const [program = '', ...args] = [
      ...asPostgres,
      join(programs, 'postgres'),
      '-D',
      data,
      ...settings.flatMap((one) => ['-c', one]),
    ];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
    let log = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const server = new PostgresServer(child, folder, port);
    while (!(await server.#answers())) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}: ${log}`);
      await delay(50);
    }
    return server;
  }

  /** The URL of a new empty database. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `store${this.#databases}`;
    await this.#query(`create database ${name}`);
    return this.#url(name);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGINT');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://tester@127.0.0.1:${this.#port}/${database}`;
  }

  async #answers(): Promise<boolean> {
    return await this.#query('select 1').then(
      () => true,
      () => false,
    );
  }

  async #query(text: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url('postgres') });
    try {
      await client.connect();
      await client.query(text);
    } finally {
      await client.end();
    }
  }
}

function run([program = '', ...args]: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
