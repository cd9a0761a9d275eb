import { InputError } from '../errors.ts';
import { DockerLauncher } from './docker/index.ts';
import type { Launcher } from './launcher.ts';
import { LocalLauncher } from './local.ts';
import type { NodeSettings } from './pool-settings.ts';
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
    default:
      throw new InputError(`the ${settings.launcher} launcher is not there yet`);
  }
}
