import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const call = z.object({ argv: z.array(z.string()), env: z.record(z.string(), z.string()) });

const named = z.object({ pid: z.int() });

/** One recorded call of the fake. */
export type DockerCall = z.infer<typeof call>;

/**
 * A fake `docker` that records its calls and, without containers, does what a launcher can see of the real one: images
 * that can be pulled, containers that are processes, labels to find them.
 */
export class DockerStandIn {
  readonly #folder: string;
  /** The folder to put before the real docker on the PATH. */
  readonly binFolder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.binFolder = join(folder, 'bin');
  }

  static async create(folder: string): Promise<DockerStandIn> {
    const standIn = new DockerStandIn(folder);
    await mkdir(standIn.binFolder, { recursive: true });
    const path = join(standIn.binFolder, 'docker');
    await writeFile(path, `#!${process.execPath}\nconst folder = ${JSON.stringify(folder)};\n${program}`);
    await chmod(path, 0o755);
    return standIn;
  }

  /** Takes the daemon away: clients lose their connection and containers keep running, as with live-restore. */
  async takeDaemonAway(): Promise<void> {
    await writeFile(join(this.#folder, 'away'), '');
  }

  /** Starts the daemon again; without live-restore, its containers have ended. */
  async bringDaemonBack({ liveRestore = true } = {}): Promise<void> {
    if (!liveRestore) await this.killContainers();
    await rm(join(this.#folder, 'away'));
  }

  async killContainers(): Promise<void> {
    for (const name of await this.containers()) {
      const text = await readFile(join(this.#folder, 'containers', name), 'utf8');
      const { pid } = named.parse(JSON.parse(text));
      process.kill(pid, 'SIGKILL');
      while (isThere(pid)) await delay(20);
    }
  }

  /** Makes `docker run` print a message and fail with an exit code. */
  async refuseRuns(said: string, code: number): Promise<void> {
    await writeFile(join(this.#folder, 'run-fault'), JSON.stringify({ said, code }));
  }

  async allowRuns(): Promise<void> {
    await rm(join(this.#folder, 'run-fault'));
  }

  /** The container names that `docker ps --all` would list. */
  async containers(): Promise<string[]> {
    return await readdir(join(this.#folder, 'containers'));
  }

  /** Makes the next pulls fail. */
  async refusePulls(said: string, times: number): Promise<void> {
    for (let time = 0; time < times; time++) await writeFile(join(this.#folder, `pull-fault-${time}`), said);
  }

  /** Lists a container that is gone, as a crashed daemon may do until it is restarted. */
  async listDeadContainer(token: string): Promise<void> {
    const record = { name: 'dead', pid: 0, labels: [`inferencemax.token=${token}`], dead: true };
    await mkdir(join(this.#folder, 'containers'), { recursive: true });
    await writeFile(join(this.#folder, 'containers', 'dead'), JSON.stringify(record));
  }

  /** Reports containers that have ended as out of memory. */
  async fillMemory(): Promise<void> {
    await writeFile(join(this.#folder, 'out-of-memory'), '');
  }

  /** Adds an image with environment variables, as if it had been pulled. */
  async addImage(image: string, env: readonly string[]): Promise<void> {
    const images = join(this.#folder, 'images');
    await mkdir(images, { recursive: true });
    await writeFile(join(images, encodeURIComponent(image)), JSON.stringify(env));
  }

  async calls(): Promise<DockerCall[]> {
    const text = await readFile(join(this.#folder, 'calls.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => call.parse(JSON.parse(line)));
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The executable: plain CommonJS, with its state in files of `folder`. */
const program = `
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const argv = process.argv.slice(2);
fs.appendFileSync(path.join(folder, 'calls.jsonl'), JSON.stringify({ argv, env: process.env }) + '\\n');
const images = path.join(folder, 'images');
const containers = path.join(folder, 'containers');
for (const each of [images, containers]) fs.mkdirSync(each, { recursive: true });
const imageFile = (image) => path.join(images, encodeURIComponent(image));
// A container may end between listing and reading.
const records = () => fs.readdirSync(containers).flatMap((name) => {
  try { return [JSON.parse(fs.readFileSync(path.join(containers, name), 'utf8'))]; } catch (error) { if (error.code === 'ENOENT') return []; throw error; }
});
const file = (name) => path.join(folder, name);
const isAway = () => fs.existsSync(file('away'));
const find = (name) => records().find((each) => each.name === name);
const isAlive = (record) => {
  if (record === undefined || record.dead || record.exit !== undefined) return false;
  try { process.kill(record.pid, 0); return true; } catch { return false; }
};
const kill = (name, signal) => { if (isAlive(find(name))) process.kill(find(name).pid, signal); };
const whenEnded = (name, then) => {
  const timer = setInterval(() => { if (!isAlive(find(name))) { clearInterval(timer); then(); } }, 20);
};
const fail = (said, code) => { console.error(said); process.exit(code); };
const [verb, ...rest] = argv;
if (isAway()) fail('Cannot connect to the Docker daemon at unix:///stand-in.sock. Is the docker daemon running?', verb === 'run' ? 125 : 1);
const values = (flag) => rest.flatMap((each, index) => (rest[index - 1] === flag ? [each] : []));
if (verb === 'info') console.log(rest.at(-1).includes('Runtimes') ? '{"runc":{}}' : 'stand-in-host ' + folder);
else if (verb === 'version') console.log('stand-in');
else if (verb === 'image' && rest[0] === 'inspect') {
  if (!fs.existsSync(imageFile(rest.at(-1)))) process.exit(1);
  if (rest.at(-2).includes('Config.Env')) { process.stdout.write(fs.readFileSync(imageFile(rest.at(-1)))); process.exit(); }
  const digests = { 'elsewhere/engine': '2', 'nvcr.io/example/engine': '3' };
  const RepoDigests = Object.entries(digests).map(([name, digit]) => name + '@sha256:' + digit.repeat(64));
  console.log(JSON.stringify({ Id: 'sha256:' + '1'.repeat(64), RepoDigests }));
} else if (verb === 'manifest') {
  const said = rest.at(-1).includes('missing') ? 'no such manifest' : rest.at(-1).includes('private') ? 'errors: denied: requested access to the resource is denied' : '';
  if (said !== '') { console.error(said); process.exit(1); }
}
else if (verb === 'image' && rest[0] === 'rm') fs.rmSync(imageFile(rest[1]));
else if (verb === 'pull') {
  const fault = fs.readdirSync(folder).find((name) => name.startsWith('pull-fault-'));
  if (fault !== undefined) {
    const said = fs.readFileSync(file(fault), 'utf8');
    fs.rmSync(file(fault));
    fail(said, 1);
  }
  if (rest[0].includes('missing')) { console.error('Error response from daemon: manifest unknown'); process.exit(1); }
  console.log('v1: Pulling from x');
  for (const layer of ['0123456789ab', 'ba9876543210']) console.log(layer + ': Pulling fs layer');
  for (const layer of ['0123456789ab', 'ba9876543210']) console.log(layer + ': Pull complete');
  fs.writeFileSync(imageFile(rest[0]), '');
} else if (verb === 'ps') {
  const filters = values('--filter');
  const [label] = filters.flatMap((each) => (each.startsWith('label=') ? [each.slice('label='.length)] : []));
  const states = filters.filter((each) => each.startsWith('status='));
  for (const record of records()) {
    const state = record.dead ? 'dead' : isAlive(record) ? 'running' : 'exited';
    if (record.labels.includes(label) && (states.length === 0 || states.includes('status=' + state))) console.log(record.name);
  }
} else if (verb === 'inspect') {
  const record = find(rest.at(-1));
  if (record === undefined) fail('Error: No such object: ' + rest.at(-1), 1);
  const Running = isAlive(record);
  const OOMKilled = !Running && fs.existsSync(file('out-of-memory'));
  const State = { Running, OOMKilled, ExitCode: Running ? 0 : (record.exit ?? 137), StartedAt: '2026-01-01T00:00:00Z' };
  console.log(JSON.stringify({ Id: record.name, State }));
} else if (verb === 'wait' || verb === 'logs') whenEnded(rest.at(-1), () => {});
else if (verb === 'stop') {
  const name = rest.at(-1);
  kill(name, 'SIGTERM');
  const forced = setTimeout(() => kill(name, 'SIGKILL'), 1000 * Number(rest[rest.indexOf('--time') + 1]));
  whenEnded(name, () => clearTimeout(forced));
} else if (verb === 'rm') {
  const record = find(rest.at(-1));
  if (record === undefined || record.dead) fail('Error response from daemon: No such container: ' + rest.at(-1), 1);
  kill(record.name, 'SIGKILL');
  whenEnded(record.name, () => fs.rmSync(path.join(containers, record.name), { force: true }));
} else if (verb === 'run') {
  if (fs.existsSync(file('run-fault'))) {
    const { said, code } = JSON.parse(fs.readFileSync(file('run-fault'), 'utf8'));
    fail(said, code);
  }
  const values = { env: [], label: [], volume: [] };
  let position = 0;
  const alone = ['--init'];
  while (rest[position].startsWith('--')) {
    const flag = rest[position];
    if (alone.includes(flag) || flag.includes('=')) { position += 1; continue; }
    (values[flag.slice(2)] ??= []).push(rest[position + 1]);
    position += 2;
  }
  const [image, ...args] = rest.slice(position);
  if (!fs.existsSync(imageFile(image))) fail('docker: Error response from daemon: No such image: ' + image, 125);
  const env = { PATH: process.env.PATH };
  for (const each of values.env) env[each.split('=')[0]] = each.includes('=') ? each.slice(each.indexOf('=') + 1) : process.env[each];
  const [workspace] = values.volume[0].split(':');
  // Before there is a child: a client that is ended must take its container with it.
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => { try { child.kill(signal); } catch {} });
  const child = spawn(values.entrypoint[0], args, { cwd: workspace, env, stdio: 'inherit', detached: true });
  const [name] = values.name;
  const write = (record) => {
    const written = path.join(folder, name + '.part');
    fs.writeFileSync(written, JSON.stringify({ name, pid: child.pid, labels: values.label, ...record }));
    fs.renameSync(written, path.join(containers, name));
  };
  child.on('error', () => fail('docker: Error response from daemon: unable to start container process: exec: "' + values.entrypoint[0] + '": executable file not found in $PATH: unknown', 127));
  if (child.pid !== undefined) write({});
  setInterval(() => { if (isAway()) fail('error waiting for container: unexpected EOF', 125); }, 20).unref();
  child.on('exit', (code, signal) => {
    const exit = signal === null ? code : 128 + require('node:os').constants.signals[signal];
    if (find(name) !== undefined) write({ exit });
    process.exit(exit);
  });
}
`;
