import { docker } from './docker/index.ts';
import { local } from './local/index.ts';
import { slurm } from './slurm/index.ts';

/** The kinds of places to start engines in. Adding one is adding its folder and a line here. */
export const launchers = [local, docker, slurm] as const;

/** How engines are started on this machine, as its user starts them. */
export const launcherOfThisMachine = local.kind;

/** How engines are started on nodes that no pool describes: as on most public ones. */
export const usualLauncher = slurm.kind;
