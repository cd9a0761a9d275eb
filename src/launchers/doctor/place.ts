import { vendorNamed } from '../../accelerators/index.ts';
import { attempt, type Finding } from '../../finding.ts';
import { freeBytesAt, type Host, thisMachine } from '../../hosts/index.ts';
import { ssh } from '../../hosts/ssh/index.ts';
import { environmentOf } from '../../telemetry/index.ts';
import type { DockerSettings, LocalSettings, NodeSettings, SlurmSettings } from '../pool-settings.ts';
import { canListen } from '../port.ts';
import { examineAccelerators } from './accelerators.ts';
import { environmentFinding } from './environment.ts';

/** What a sweep on a node with such settings would meet. `file` is where the settings are written. */
export async function examinePlace(settings: NodeSettings, file: string): Promise<readonly Finding[]> {
  if (settings.launcher !== 'ssh') return await examineOn(thisMachine, settings, file);
  const host = ssh.connect(settings);
  const connected = await ssh.examine(settings, file);
  if (connected.some(({ state }) => state === 'problem')) return connected;
  return [...connected, ...(await examineOn(host, settings.on, file))];
}

type PlaceSettings = Exclude<NodeSettings, { launcher: 'ssh' }>;

async function examineOn(host: Host, settings: PlaceSettings, file: string): Promise<readonly Finding[]> {
  const findings: (readonly Finding[])[] = [];
  switch (settings.launcher) {
    case 'local':
      findings.push(await examineLocal(settings, host));
      break;
    case 'docker':
      findings.push(await examineDocker(settings, host));
      break;
    case 'slurm':
      findings.push(await examineSlurm(settings, host, file));
  }
  if (settings.launcher !== 'slurm') {
    const environment = await environmentOf(host);
    findings.push(
      // Of this machine it is said once, whatever pools use it.
      host === thisMachine ? [] : [environmentFinding(environment)],
      await examineAccelerators(settings, host, environment, file),
      await examineDisk(settings, host),
      host === thisMachine ? await examinePort(settings) : [],
    );
  }
  if (settings.launcher !== 'local') findings.push(examineSecrets(settings));
  return findings.flat();
}

async function examineLocal({ cpus }: LocalSettings, host: Host): Promise<readonly Finding[]> {
  if (cpus === undefined) return [];
  return await attempt('cpus', `correct cpus, or install util-linux`, async () => {
    const { code, stderr } = await host.run(['taskset', '--cpu-list', cpus, 'true']);
    if (code !== 0) throw new Error(`engines cannot be pinned to CPUs ${cpus}: ${stderr.trim()}`);
    return [{ check: 'cpus', state: 'ok', message: `engines are pinned to CPUs ${cpus}` }];
  });
}

async function examineDocker(settings: DockerSettings, host: Host): Promise<readonly Finding[]> {
  return await attempt('docker', 'install docker, start it, and let this user use it', async () => {
    const version = await host.run(['docker', 'version', '--format', '{{.Server.Version}}']);
    if (version.code !== 0) throw new Error(`docker does not answer: ${lastLine(version.stderr)}`);
    const findings: Finding[] = [
      { check: 'docker', state: 'ok', message: `docker ${version.stdout.trim()}` },
    ];
    const { runtime } = vendorNamed(settings.accelerator).containers;
    if (runtime !== undefined) {
      const { stdout } = await host.run(['docker', 'info', '--format', '{{json .Runtimes}}']);
      findings.push(
        stdout.includes(JSON.stringify(runtime.name))
          ? { check: 'docker', state: 'ok', message: `it has the ${runtime.name} runtime` }
          : {
              check: 'docker',
              state: 'problem',
              message: `it has no ${runtime.name} runtime, so containers get no GPU`,
              todo: runtime.todo,
            },
      );
    }
    return findings;
  });
}

async function examineSlurm(settings: SlurmSettings, host: Host, file: string): Promise<readonly Finding[]> {
  return await attempt('slurm', 'install the Slurm commands and let them find their cluster', async () => {
    const version = await host.run(['srun', '--version']);
    const ping = await host.run(['scontrol', 'ping']);
    if (ping.code !== 0 || !/\bUP\b/.test(ping.stdout))
      throw new Error(`the Slurm controller does not answer: ${lastLine(ping.stderr || ping.stdout)}`);
    const findings: Finding[] = [{ check: 'slurm', state: 'ok', message: version.stdout.trim() }];
    const { partition } = settings;
    const nodes = await host.run([
      'sinfo',
      '--noheader',
      '--format=%D|%T|%G',
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ]);
    findings.push(partitionFinding(settings, nodes.stdout, file));
    if (settings.container === 'pyxis') {
      const help = await host.run(['srun', '--help']);
      findings.push(
        help.stdout.includes('--container-image')
          ? { check: 'containers', state: 'ok', message: 'srun has the flags of pyxis' }
          : {
              check: 'containers',
              state: 'problem',
              message: 'srun does not know --container-image',
              todo: `have pyxis installed on the cluster, or say container: none in ${file}`,
            },
      );
    }
    const folder = settings['squash-dir'];
    if (folder !== undefined) {
      const { code } = await host.run(['test', '-w', folder]);
      findings.push(
        code === 0
          ? { check: 'containers', state: 'ok', message: `images are kept in ${folder}` }
          : {
              check: 'containers',
              state: 'warning',
              message: `${folder}, where images are kept, cannot be written here`,
              todo: 'make the folder where the nodes see it; it may be one that only they see',
            },
      );
    }
    return findings;
  });
}

function partitionFinding(
  { partition, gres, ...settings }: SlurmSettings,
  sinfo: string,
  file: string,
): Finding {
  const name = partition === undefined ? 'the default partition' : `partition ${partition}`;
  const groups = sinfo
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split('|'));
  const usable = groups.filter(([, state]) => !/^(down|drain|fail|unk)/i.test(state ?? ''));
  const count = (of: typeof groups) => of.reduce((sum, [nodes]) => sum + Number(nodes), 0);
  if (groups.length === 0)
    return {
      check: 'partition',
      state: 'problem',
      message: `${name} has no nodes or does not exist`,
      todo: `correct partition in ${file}; sinfo lists what there is`,
    };
  if (usable.length === 0)
    return {
      check: 'partition',
      state: 'problem',
      message: `none of the ${count(groups)} nodes of ${name} is usable`,
      todo: 'sinfo --list-reasons says why',
    };
  const wanted = settings['accelerators-per-node'];
  const most = Math.max(...usable.map(([, , has]) => gresCount(has ?? '', gres)));
  if (vendorNamed(settings.accelerator).hasDevices && gres !== 'none' && most < wanted)
    return {
      check: 'partition',
      state: 'problem',
      message: `nodes of ${name} have ${most} ${gres}, and the pool says ${wanted}`,
      todo: `correct gres and accelerators-per-node in ${file}`,
    };
  return {
    check: 'partition',
    state: 'ok',
    message: `${count(usable)} of ${count(groups)} nodes of ${name} are usable`,
  };
}

/** The devices of a name in Slurm's list, such as `gpu:h200:8(S:0-1)`. */
function gresCount(list: string, name: string): number {
  return list
    .split(',')
    .filter((part) => part === name || part.startsWith(`${name}:`))
    .reduce((sum, part) => sum + Number(/:(\d+)(?:\(.*)?$/.exec(part)?.[1] ?? 1), 0);
}

async function examineDisk(
  settings: LocalSettings | DockerSettings,
  host: Host,
): Promise<readonly Finding[]> {
  const folder = settings['hf-hub-cache'];
  if (folder === undefined) return [];
  return await attempt('disk', 'make the folder, or correct hf-hub-cache', async () => {
    const freeGb = (await freeBytesAt(host, folder)) / 1e9;
    const needed = settings['disk-space-gb'];
    const message = `${freeGb.toFixed(1)} GB free for weights in ${folder}`;
    return [
      freeGb >= needed
        ? { check: 'disk', state: 'ok', message }
        : {
            check: 'disk',
            state: 'warning',
            message: `${message}; an image and weights that are not there yet need ${needed} GB`,
            todo: 'delete weights that are no longer measured',
          },
    ];
  });
}

async function examinePort({ host, port }: LocalSettings | DockerSettings): Promise<readonly Finding[]> {
  const free = await canListen(host, port).catch(() => false);
  return [
    free
      ? { check: 'port', state: 'ok', message: `port ${port} is free` }
      : {
          check: 'port',
          state: 'problem',
          message: `port ${port} on ${host} is taken`,
          todo: `stop who has it (ss -ltnp 'sport = :${port}'), or choose another with --port`,
        },
  ];
}

function examineSecrets({ secrets }: DockerSettings | SlurmSettings): Finding[] {
  return secrets.map((name) =>
    (process.env[name] ?? '') === ''
      ? {
          check: 'secrets',
          state: 'warning',
          message: `${name} is not set`,
          todo: 'set it where engines must download weights that need permission',
        }
      : { check: 'secrets', state: 'ok', message: `${name} is set` },
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
