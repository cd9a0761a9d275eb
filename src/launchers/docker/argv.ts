import { vendorNamed } from '../../accelerators/index.ts';
import { dockerImage } from '../container-image.ts';
import { containerMounts, containerWorkDir } from '../mounts.ts';
import type { DockerSettings } from './settings.ts';

/** Label of every container that we start; its value is the token of the engine's record. */
export const tokenLabel = 'inferencemax.token';
const sessionLabel = 'inferencemax.session';

export interface Container {
  readonly name: string;
  readonly token: string;
  readonly sessionId: string;
  readonly image: string;
  readonly workDir: string;
  readonly argv: readonly string[];
  /** GIDs on the node that its processes need besides those of their user. */
  readonly groups?: readonly number[];
  /** Names only: the values are in the environment of the docker command, so that they appear in no argument list. */
  readonly envNames: readonly string[];
}

/** GPU drivers need locked memory. A daemon that may not raise the limit can start no container with it. */
const ulimitsForDevices = ['memlock=-1', 'stack=67108864'];

function ulimitsOf({ ulimits, accelerator }: DockerSettings): readonly string[] {
  return ulimits ?? (vendorNamed(accelerator).hasDevices ? ulimitsForDevices : []);
}

/**
 * The command that runs an engine's container in the foreground. Without `--rm`, the container survives a daemon restart
 * with live-restore, and its exit state can be inspected after it has ended.
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
