import { vendorNamed } from '../../accelerators/index.ts';
import { dockerImage } from '../container-image.ts';
import { containerMounts, containerWorkDir } from '../mounts.ts';
import type { DockerSettings } from './settings.ts';

/** Every container of ours carries it, with the token of its record. */
export const tokenLabel = 'inferencemax.token';
const sessionLabel = 'inferencemax.session';

export interface Container {
  readonly name: string;
  readonly token: string;
  readonly sessionId: string;
  readonly image: string;
  readonly workDir: string;
  readonly argv: readonly string[];
  /** Numbers of groups of the node that its processes are in, beside those of its user. */
  readonly groups?: readonly number[];
  /** Names only: the values are in the environment of the docker command, so that no argv shows them. */
  readonly envNames: readonly string[];
}

/** Locked memory is what GPUs are given theirs from. Where the daemon may not raise it, no container could start. */
const ulimitsForDevices = ['memlock=-1', 'stack=67108864'];

function ulimitsOf({ ulimits, accelerator }: DockerSettings): readonly string[] {
  return ulimits ?? (vendorNamed(accelerator).hasDevices ? ulimitsForDevices : []);
}

/**
 * The command that runs an engine's container in the foreground. It is not removed by docker (`--rm`): a daemon that is
 * restarted with live-restore would end it then, and one that has ended still says why.
 */
export function runArgv(settings: DockerSettings, container: Container): string[] {
  const [entrypoint = '', ...args] = container.argv;
  const mounts = containerMounts(settings, container.workDir);
  return [
    'docker',
    'run',
    '--init',
    '--pull',
    'never',
    '--name',
    container.name,
    '--label',
    `${tokenLabel}=${container.token}`,
    '--label',
    `${sessionLabel}=${container.sessionId}`,
    '--network',
    'host',
    '--ipc',
    'host',
    `--shm-size=${settings['shm-size']}`,
    ...ulimitsOf(settings).flatMap((limit) => ['--ulimit', limit]),
    ...vendorNamed(settings.accelerator).containers.flags,
    ...(container.groups ?? []).flatMap((group) => ['--group-add', String(group)]),
    ...mounts.flatMap((mount) => ['--volume', mount]),
    '--workdir',
    containerWorkDir,
    ...container.envNames.flatMap((name) => ['--env', name]),
    ...settings['docker-args'],
    '--entrypoint',
    entrypoint,
    dockerImage(container.image),
    ...args,
  ];
}
