import { docker } from './docker/index.ts';
import { local } from './local/index.ts';
import { slurm } from './slurm/index.ts';

/** All kinds of launchers. To add one, add its folder and a line here. */
export const launchers = [local, docker, slurm] as const;

/** The default launcher on this machine: engines run as processes of the user. */
export const launcherOfThisMachine = local.kind;

/** The default launcher for nodes without a pool file, because most public nodes use Slurm. */
export const usualLauncher = slurm.kind;
