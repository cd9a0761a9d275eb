import { execFile } from 'node:child_process';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pinned } from './pinning.ts';

const run = promisify(execFile);
const here = import.meta.dirname;

const reportSchema = z.object({
  completed: z.number(),
  chunks: z.number(),
  durationS: z.number(),
  ttftP50Ms: z.number(),
  ttftP99Ms: z.number(),
  tpotP99Ms: z.number(),
  gapP99Ms: z.number(),
  /** Of the whole process, start-up and statistics included. */
  cpuS: z.number(),
  maxRssMb: z.number(),
  verdict: z.string().optional(),
});

/** What a client says of a run; every client prints it as one line of JSON. */
export type ClientReport = z.infer<typeof reportSchema>;

export interface Client {
  readonly name: string;
  measure(url: string, load: { streams: number; requests: number; tokens: number }): Promise<ClientReport>;
}

/** All clients that this machine can run, ours first; `skipped` is told why one is not among them. */
export async function availableClients(
  cacheDir: string,
  skipped: (name: string, reason: string) => void,
): Promise<Client[]> {
  const clients = [client('ours', process.execPath, [await compiledOurs(cacheDir)])];
  for (const [name, prepare] of Object.entries({ go: goClient, aiohttp: aiohttpClient })) {
    try {
      clients.push(await prepare(cacheDir));
    } catch (error) {
      skipped(name, error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error));
    }
  }
  return clients;
}

/** Our client as the package has it: compiled, so that no memory or time goes to stripping types. */
export async function compiledOurs(cacheDir: string): Promise<string> {
  const outDir = join(cacheDir, 'ours');
  const root = join(here, '..', '..');
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  await run(compiler, ['-p', join(here, 'tsconfig.json'), '--outDir', outDir, '--rootDir', root]);
  await writeFile(join(outDir, 'package.json'), '{"type":"module"}\n');
  await rm(join(outDir, 'node_modules'), { force: true });
  await symlink(join(root, 'node_modules'), join(outDir, 'node_modules'));
  return join(outDir, 'bench', 'load', 'ours.js');
}

async function goClient(cacheDir: string): Promise<Client> {
  const program = join(cacheDir, 'go-client');
  await run('go', ['build', '-o', program, '.'], { cwd: join(here, 'peers', 'go-client') });
  return client('go', program, []);
}

async function aiohttpClient(cacheDir: string): Promise<Client> {
  const venv = join(cacheDir, 'venv');
  const python = join(venv, 'bin', 'python');
  await run('python3', ['-m', 'venv', venv]);
  await run(python, ['-m', 'pip', 'install', '--quiet', 'aiohttp==3.13.2'], { timeout: 180_000 });
  return client('aiohttp', python, [join(here, 'peers', 'aiohttp-client', 'client.py')]);
}

function client(name: string, program: string, args: readonly string[]): Client {
  return {
    name,
    async measure(url, { streams, requests, tokens }) {
      const load = [
        '--url',
        url,
        '--streams',
        String(streams),
        '--requests',
        String(requests),
        '--tokens',
        String(tokens),
      ];
      const [command, argv] = pinned(1, program, [...args, ...load]);
      const { stdout } = await run(command, argv, {
        timeout: 300_000,
        maxBuffer: 1 << 20,
        env: { ...process.env, GOMAXPROCS: '1' },
      });
      return reportSchema.parse(JSON.parse(stdout));
    },
  };
}
