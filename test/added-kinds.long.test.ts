import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identityOf } from '../src/process/identity.ts';
import { standIn } from './stand-in/engine.ts';
import { configKey, onePoint } from './stand-in/scene.ts';
import { freePort } from './support/free-port.ts';
import { type PrintedEvent, runProduct, TestProduct } from './support/product.ts';
import { copyOfTheProject, git } from './support/project-copy.ts';

/**
 * A copy of the project to which someone has added a launcher, a remote host, an accelerator vendor and a telemetry
 * source: one file for each, and a line in the list of its kind. Everything else must derive from these.
 */
const added = {
  'src/launchers/pretend/index.ts': `
    import { setTimeout as delay } from 'node:timers/promises';
    import { z } from 'zod';
    import { identityOf } from '../../process/identity.ts';
    import { startEngineProcess } from '../host-process.ts';
    import { defineLauncher } from '../lifecycle.ts';
    import { examineNode } from '../node-checks.ts';
    import { sharedSettings } from '../settings.ts';

    const settings = z.object({
      host: z.string().default('127.0.0.1'),
      ...sharedSettings,
      /** A setting of this launcher only. */
      'pretend-flag': z.enum(['up', 'down']).default('up'),
    });
    const record = { group: z.int().optional() };

    /** Engines as process groups. */
    export const pretend = defineLauncher({
      kind: 'pretend',
      settings,
      record,
      nodesShareMachine: true,
      runs: () => 'provisioned engines',
      commands: ({ argv, env }, { settings: { 'pretend-flag': flag } }) => [
        { argv, env: { ...env, PRETEND_FLAG: flag } },
      ],
      reserve: async ({ folder }, { host, settings: { 'pretend-flag': flag } }) => ({
        nodes: ['pretend-node'],
        hosts: [host],
        address: async () => '127.0.0.1',
        start: async ({ request: { argv, logPath }, env, record: written }) => {
          const started = { argv, env: { ...env, PRETEND_FLAG: flag }, folder, logPath };
          const { process: { pid }, exited } = await startEngineProcess(host, started);
          await written.update({ group: pid });
          return { exited, end: async () => { kill(pid); await exited; } };
        },
      }),
      endLeftover: async ({ group }) => {
        if (group === undefined || !kill(group)) return false;
        while ((await identityOf(group)) !== undefined) await delay(10);
        return true;
      },
      examine: async ({ settings: own, host }, file) => [
        { check: 'pretend', state: 'ok', message: \`the flag is \${own['pretend-flag']}\` },
        ...(await examineNode(own, host, file)),
      ],
    });

    function kill(group: number): boolean {
      try {
        return process.kill(-group, 'SIGKILL');
      } catch {
        return false;
      }
    }
  `,
  'src/hosts/pretend/index.ts': `
    import { z } from 'zod';
    import { defineHost } from '../definition.ts';
    import { nodeBeyond } from '../elsewhere.ts';
    import { thisMachine } from '../this-machine.ts';

    const settings = z.object({ gate: z.string() });

    /** This machine, through a gate. */
    export const pretend = defineHost({
      kind: 'pretend-host',
      settings,
      connect: ({ gate }) => ({ ...nodeBeyond(thisMachine, ['env', \`GATE=\${gate}\`]), destination: gate }),
      reachFault: () => undefined,
      examine: async ({ gate }) => [{ check: 'gate', state: 'ok', message: \`\${gate} is open\` }],
    });
  `,
  'src/accelerators/pretend.ts': `
    import { ask } from '../hosts/index.ts';
    import type { Vendor } from './vendor.ts';

    /** Devices of which \`echo\` says something. */
    export const pretend: Vendor = {
      name: 'pretend-devices',
      hasDevices: true,
      visibleDevices: ['PRETEND_VISIBLE_DEVICES'],
      containers: { flags: ['--pretend'] },
      tools: [
        {
          program: 'pretend-smi',
          identify: async (host, timeoutMs) => {
            const name = await ask(host, ['echo', 'Pretend 9000'], (output) => output.trim(), { timeoutMs });
            return { driver: '9.0', devices: [{ name }] };
          },
          use: async () => ({
            devices: [{ index: 0, memoryUsedMib: 1, memoryTotalMib: 1000 }],
            processes: [],
          }),
          reader: (host) => async (timeoutMs) =>
            await ask(host, ['echo', '250'], (output) => [{ index: 0, powerW: Number(output) }], { timeoutMs }),
        },
      ],
    };
  `,
  'src/telemetry/sources/pretend.ts': `
    import { readingsOf, type TelemetrySource } from '../source.ts';

    /** The temperature of the room. */
    export const pretend: TelemetrySource = {
      name: 'pretend-room',
      subject: 'host',
      intervalS: 0.1,
      open: () => async () => readingsOf('room', { temperatureC: 21 }),
    };
  `,
};

/** The lists, and the import that each gains; the object itself goes at the end of the list. */
const lists: Readonly<Record<string, string>> = {
  'src/launchers/list.ts': "import { pretend } from './pretend/index.ts';",
  'src/hosts/list.ts': "import { pretend } from './pretend/index.ts';",
  'src/accelerators/list.ts': "import { pretend } from './pretend.ts';",
  'src/telemetry/sources/list.ts': "import { pretend } from './pretend.ts';",
};

let folder: string;
let project: string;
let scene: string;
let bin: string;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'added-kinds-'));
  project = await copyOfTheProject(join(folder, 'project'));
  for (const [path, text] of Object.entries(added)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  for (const [path, line] of Object.entries(lists)) {
    const list = await readFile(join(project, path), 'utf8');
    const longer = list.replace(/ = \[([^\]]*?),?\s*\]/, ' = [$1, pretend]');
    expect(longer).not.toBe(list);
    await writeFile(join(project, path), `${line}\n${longer}`);
  }
  bin = join(project, 'bin', 'inferencemax.js');
  port = await freePort();
  scene = join(folder, 'scene');
  await mkdir(join(scene, 'runners'), { recursive: true });
  await standIn(scene, { tokenMs: 20 }, onePoint);
  await writeFile(join(scene, 'runners.yaml'), 'cpu:\n  - cpu-local_0\n');
  await writeFile(
    join(scene, 'runners', 'cpu.yaml'),
    'launcher: pretend\naccelerator: pretend-devices\npretend-flag: down\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const own = () => ['--runner-config', 'runners.yaml', '--cache-dir', 'cache', '--port', String(port)];
const asked = ['--config-files', 'master.yaml', '--config-keys', configKey];
const run = async (...args: string[]) => await runProduct(args, { cwd: scene, bin });
const isType = (type: string) => (event: PrintedEvent) => event.type === type;

describe('an added launcher, host, vendor and telemetry source', () => {
  test('consist only of their files and a line in each list', async () => {
    const changed = (await git(project, 'status', '--porcelain', '--untracked-files=all')).split('\n');
    const paths = changed
      .map((line) => line.trim().split(' ').at(-1))
      .filter((path) => path !== 'node_modules');
    expect(paths.toSorted()).toEqual([...Object.keys(added), ...Object.keys(lists)].toSorted());
  });

  test('match the types of all code that uses them', async () => {
    const tsc = join(project, 'node_modules', '.bin', 'tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '--noEmit'], { cwd: project }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  test('are in the schema of pools, with their own fields', async () => {
    const { stdout } = await run('schema', 'pool');
    const { oneOf } = JSON.parse(stdout);
    const pretend = oneOf.find(
      ({ properties }: { properties: { launcher: { const: string } } }) =>
        properties.launcher.const === 'pretend',
    );
    expect(pretend.properties['pretend-flag'].enum).toEqual(['up', 'down']);
    expect(pretend.properties.accelerator.enum).toContain('pretend-devices');
    const overSsh = oneOf.find(({ properties }: { properties: object }) => 'ssh-args' in properties);
    const there = overSsh.properties.on.oneOf.map(
      ({ properties }: { properties: { launcher: { const: string } } }) => properties.launcher.const,
    );
    expect(there).toContain('pretend');
    expect(
      oneOf.map(({ properties }: { properties: { launcher: object } }) => properties.launcher),
    ).toContainEqual({ type: 'string', const: 'pretend-host' });
    const wrong = await mkdtemp(join(folder, 'wrong-'));
    await mkdir(join(wrong, 'runners'));
    await writeFile(join(wrong, 'runners', 'cpu.yaml'), 'launcher: pretend\npretend-flga: up\n');
    const refused = await runProduct(['doctor', '--pool', 'cpu'], { cwd: wrong, bin });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("unknown field 'pretend-flga' (did you mean 'pretend-flag'?)");
  });

  test('are checked by the doctor', async () => {
    const { stdout } = await run('doctor', '--pool', 'cpu', '--runner-config', 'runners.yaml');
    expect(stdout).toContain('pool cpu by pretend: cpu-local_0');
    expect(stdout).toContain('the flag is down');
    expect(stdout).toMatch(/ok +accelerators +1 × Pretend 9000, driver 9\.0/);
    expect(stdout).toMatch(/ok +accelerators +idle/);
  });

  test('work with each other, and with the built-in ones', async () => {
    const through = (launcher: string) =>
      `launcher: pretend-host\ngate: north\non: { launcher: ${launcher} }\n`;
    const other = await mkdtemp(join(folder, 'through-'));
    await mkdir(join(other, 'runners'));
    await writeFile(join(other, 'runners.yaml'), 'cpu:\n  - cpu-local_0\n');
    const doctor = async (yaml: string) => {
      await writeFile(join(other, 'runners', 'cpu.yaml'), yaml);
      const args = ['doctor', '--pool', 'cpu', '--runner-config', 'runners.yaml'];
      return (await runProduct(args, { cwd: other, bin })).stdout;
    };
    const pretend = await doctor(through('pretend'));
    expect(pretend).toContain('pool cpu by pretend-host: cpu-local_0');
    expect(pretend).toMatch(/north is open[\s\S]*the flag is up[\s\S]*Linux/);
    expect(await doctor(through('local'))).toContain('north is open');
    const pinned = "launcher: local\naccelerator: pretend-devices\ncpus: '0'\n";
    expect(await doctor(pinned)).toMatch(/engines are pinned to CPUs 0[\s\S]*1 × Pretend 9000/);
  });

  test('are used in plans', async () => {
    const { code, stdout, stderr } = await run('plan', ...asked, '--launcher', 'pretend', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).sessions).toMatchObject([{ launcher: 'pretend' }]);
    const unknown = await run('plan', ...asked, '--launcher', 'prtend');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('local, docker, slurm, pretend');
  });

  test('are measured with: after a crash, the next run stops the engine by its record, and the result has the telemetry', async () => {
    const first = new TestProduct(['run', ...asked, ...own(), '--json', '--no-evals'], { cwd: scene, bin });
    await first.event(isType('engine-ready'));
    first.child.kill('SIGKILL');
    await first.exited;
    const records = join(scene, '.inferencemax', 'engines');
    const [file = ''] = await readdir(records);
    const record = JSON.parse(await readFile(join(records, file), 'utf8'));
    expect(record).toMatchObject({ launcher: 'pretend', port, group: expect.any(Number) });
    expect(await identityOf(record.group)).toBeDefined();
    const examined = await run('doctor', '--pool', 'cpu', '--runner-config', 'runners.yaml');
    expect(examined.stdout).toContain('the pretend engine of session');

    const second = new TestProduct(['run', '--resume', ...own(), '--json', '--no-evals'], {
      cwd: scene,
      bin,
    });
    expect(await second.exited, second.stderr).toBe(0);
    expect(second.events.filter(isType('orphan-ended'))).toHaveLength(1);
    expect(await identityOf(record.group)).toBeUndefined();
    expect(await readdir(records)).toEqual([]);

    const [sweep = ''] = await readdir(join(scene, '.inferencemax', 'runs'));
    const raws = join(scene, '.inferencemax', 'runs', sweep, 'raw');
    const [raw = ''] = await readdir(raws);
    const { telemetry, environment } = JSON.parse(await readFile(join(raws, raw), 'utf8'));
    expect(environment.accelerators).toMatchObject({ vendor: 'pretend-devices', driver: '9.0' });
    expect(telemetry.power).toMatchObject({ state: 'measured', source: 'pretend-smi', mean_w: 250 });
    expect(telemetry.sampling['pretend-room']).toMatchObject({ subject: 'host' });

    const store = new DatabaseSync(join(scene, '.inferencemax', 'store.sqlite'), { readOnly: true });
    const rows = store.prepare('select distinct device, samples from telemetry').all();
    store.close();
    const samplesOf = (device: string) => rows.find((row) => row.device === device)?.samples;
    expect(samplesOf('host')).toBe(telemetry.sampling['pretend-room'].samples);
  });
});
