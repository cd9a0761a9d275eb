import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const call = z.object({ argv: z.array(z.string()), env: z.record(z.string(), z.string()) });

/** How the stand-in was called once. */
export type DockerCall = z.infer<typeof call>;

/**
 * A `docker` that writes down how it was called and does, without containers, what a launcher can see of the real one:
 * images that are pulled, containers that are processes, labels that find them.
 */
export class DockerStandIn {
  readonly #folder: string;
  /** Comes before the real docker. */
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

  /** As if it had been pulled, with the variables that it has. */
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

/** Runs as the executable: plain CommonJS, its state in files of `folder`. */
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
// A container may end between the listing and the reading.
const records = () => fs.readdirSync(containers).flatMap((name) => {
  try { return [JSON.parse(fs.readFileSync(path.join(containers, name), 'utf8'))]; } catch (error) { if (error.code === 'ENOENT') return []; throw error; }
});
const kill = (name, signal) => {
  const record = records().find((each) => each.name === name);
  if (record !== undefined) process.kill(record.pid, signal);
  return record;
};
const isThere = (name) => fs.existsSync(path.join(containers, name));
const [verb, ...rest] = argv;
if (verb === 'info') console.log(rest.at(-1).includes('Runtimes') ? '{"runc":{}}' : 'stand-in-host');
else if (verb === 'version') console.log('stand-in');
else if (verb === 'image' && rest[0] === 'inspect') {
  if (!fs.existsSync(imageFile(rest.at(-1)))) process.exit(1);
  process.stdout.write(fs.readFileSync(imageFile(rest.at(-1))));
} else if (verb === 'manifest') {
  const said = rest.at(-1).includes('missing') ? 'no such manifest' : rest.at(-1).includes('private') ? 'errors: denied: requested access to the resource is denied' : '';
  if (said !== '') { console.error(said); process.exit(1); }
}
else if (verb === 'image' && rest[0] === 'rm') fs.rmSync(imageFile(rest[1]));
else if (verb === 'pull') {
  if (rest[0].includes('missing')) { console.error('Error response from daemon: manifest unknown'); process.exit(1); }
  console.log('v1: Pulling from x');
  for (const layer of ['0123456789ab', 'ba9876543210']) console.log(layer + ': Pulling fs layer');
  for (const layer of ['0123456789ab', 'ba9876543210']) console.log(layer + ': Pull complete');
  fs.writeFileSync(imageFile(rest[0]), '');
} else if (verb === 'ps') {
  const label = rest.at(-1).slice('label='.length);
  for (const record of records()) if (record.labels.includes(label)) console.log(record.name);
} else if (verb === 'stop') {
  const name = rest.at(-1);
  kill(name, 'SIGTERM');
  const end = Date.now() + 1000 * Number(rest[rest.indexOf('--time') + 1]);
  const timer = setInterval(() => {
    if (isThere(name) && Date.now() > end) kill(name, 'SIGKILL');
    if (!isThere(name)) clearInterval(timer);
  }, 50);
} else if (verb === 'rm') kill(rest.at(-1), 'SIGKILL');
else if (verb === 'run') {
  const values = { env: [], label: [], volume: [] };
  let position = 0;
  const alone = ['--rm', '--init'];
  while (rest[position].startsWith('--')) {
    const flag = rest[position];
    if (alone.includes(flag) || flag.includes('=')) { position += 1; continue; }
    (values[flag.slice(2)] ??= []).push(rest[position + 1]);
    position += 2;
  }
  const [image, ...args] = rest.slice(position);
  if (!fs.existsSync(imageFile(image))) { console.error('docker: Error response from daemon: No such image: ' + image); process.exit(125); }
  const env = { PATH: process.env.PATH };
  for (const each of values.env) env[each.split('=')[0]] = each.includes('=') ? each.slice(each.indexOf('=') + 1) : process.env[each];
  const [workspace] = values.volume[0].split(':');
  // Before there is a child: a client that is ended must take its container with it.
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => { try { child.kill(signal); } catch {} });
  const child = spawn(values.entrypoint[0], args, { cwd: workspace, env, stdio: 'inherit', detached: true });
  const file = path.join(containers, values.name[0]);
  child.on('error', (error) => { console.error('exec: ' + error.message); process.exit(127); });
  if (child.pid !== undefined) {
    const written = path.join(folder, values.name[0] + '.part');
    fs.writeFileSync(written, JSON.stringify({ name: values.name[0], pid: child.pid, labels: values.label }));
    fs.renameSync(written, file);
  }
  child.on('exit', (code, signal) => {
    fs.rmSync(file, { force: true });
    process.exit(signal === null ? code : 128 + require('node:os').constants.signals[signal]);
  });
}
`;
