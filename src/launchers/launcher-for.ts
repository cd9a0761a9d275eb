import type { Host } from '../hosts/index.ts';
import { ssh } from '../hosts/ssh/index.ts';
import { DockerLauncher } from './docker/index.ts';
import type { Launcher } from './launcher.ts';
import { LocalLauncher } from './local.ts';
import type { NodeSettings, SshSettings } from './pool-settings.ts';
import { RemoteProcessLauncher } from './remote-process.ts';
import { SlurmLauncher } from './slurm/index.ts';

/** What launchers need from the product that uses them. */
export interface LauncherContext {
  /** Keeps the records of what was started, for all runs that share it. */
  readonly recordFolder: string;
}

/** The launcher that a node's settings name. */
export function launcherFor(settings: NodeSettings, { recordFolder }: LauncherContext): Launcher {
  switch (settings.launcher) {
    case 'local':
      return new LocalLauncher(settings, recordFolder);
    case 'docker':
      return new DockerLauncher(settings, recordFolder);
    case 'slurm':
      return new SlurmLauncher(settings, recordFolder);
    case 'ssh':
      return launcherOn(ssh.connect(settings), settings.on, recordFolder);
  }
}

/** The launcher of settings on another host. */
function launcherOn(host: Host, settings: SshSettings['on'], recordFolder: string): Launcher {
  switch (settings.launcher) {
    case 'local':
      return new RemoteProcessLauncher(settings, host, recordFolder);
    case 'docker':
      return new DockerLauncher(settings, recordFolder, { host });
    case 'slurm':
      return new SlurmLauncher(settings, recordFolder, { host });
  }
}
