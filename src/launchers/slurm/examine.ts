import { vendorNamed } from '../../accelerators/index.ts';
import { attempt, type Finding } from '../../finding.ts';
import type { Host } from '../../hosts/index.ts';
import type { SlurmSettings } from './settings.ts';

/** Checks that the cluster answers, and that its partition and container support match the pool. */
export async function examineSlurm(
  settings: SlurmSettings,
  host: Host,
  file: string,
): Promise<readonly Finding[]> {
  return await attempt('slurm', 'install the Slurm commands and configure their cluster', async () => {
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
              todo: `have pyxis installed on the cluster, or set container: none in ${file}`,
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
              message: `${folder}, the image cache, is not writable here`,
              todo: 'create the folder where the nodes see it; only they need to see it',
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
      todo: `correct partition in ${file}; sinfo lists all partitions`,
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

/** The number of devices with a name in Slurm's list, such as `gpu:h200:8(S:0-1)`. */
function gresCount(list: string, name: string): number {
  return list
    .split(',')
    .filter((part) => part === name || part.startsWith(`${name}:`))
    .reduce((sum, part) => sum + Number(/:(\d+)(?:\(.*)?$/.exec(part)?.[1] ?? 1), 0);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
