import { join } from 'node:path';
import { vendorNamed } from '../../accelerators/index.ts';
import { enrootImage, imageFileName } from '../container-image.ts';
import type { ReserveRequest } from '../launcher.ts';
import { containerMounts, containerWorkDir } from '../mounts.ts';
import type { SlurmSettings } from './settings.ts';

/**
 * The command that requests a session's allocation. It returns when the allocation is granted, and leaves it in place.
 */
export function allocationArgv(
  settings: SlurmSettings,
  { nodeCount, acceleratorCount, workDir, exclude = [] }: ReserveRequest,
  jobName: string,
): string[] {
  const { partition, account, qos, gres } = settings;
  return [
    'salloc',
    '--no-shell',
    `--job-name=${jobName}`,
    `--nodes=${nodeCount}`,
    `--time=${settings['time-limit-min']}`,
    `--chdir=${workDir}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(qos === undefined ? [] : [`--qos=${qos}`]),
    ...(gres === 'none' || !vendorNamed(settings.accelerator).hasDevices
      ? []
      : [`--gres=${gres}:${acceleratorCount}`]),
    ...(settings.exclusive ? ['--exclusive'] : []),
    ...(exclude.length === 0 ? [] : [`--exclude=${exclude.join(',')}`]),
    ...settings['salloc-args'],
  ];
}

/** The command that runs another command on a node, in a short-lived job that fails if the node is busy. */
export function askNode(settings: SlurmSettings, node: string): string[] {
  const { partition, account, qos, gres } = settings;
  return [
    'srun',
    '--job-name=inferencemax-doctor',
    `--nodelist=${node}`,
    '--nodes=1',
    '--ntasks=1',
    '--immediate=60',
    '--time=5',
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(qos === undefined ? [] : [`--qos=${qos}`]),
    ...(gres === 'none' || !vendorNamed(settings.accelerator).hasDevices
      ? []
      : [`--gres=${gres}:${settings['accelerators-per-node']}`]),
  ];
}

/** One step of an allocation: its nodes, the processes on each, and its name. */
export interface SlurmStep {
  /** The job's number, or a placeholder before there is one. */
  readonly jobId: number | string;
  readonly name: string;
  readonly nodes: readonly string[];
  readonly tasksPerNode: number;
  /** Whether its processes form one MPI job. */
  readonly mpi?: boolean;
}

/** The name of an engine's step in its job; the number distinguishes restarts. */
export function stepName(start: number, step: string): string {
  return `engine-${start}-${step}`;
}

/** The command that runs a step outside any container. The step shares the nodes with the allocation's other steps. */
export function stepArgv({ jobId, name, nodes, tasksPerNode }: SlurmStep): string[] {
  return [
    'srun',
    `--jobid=${jobId}`,
    `--job-name=${name}`,
    '--overlap',
    `--nodes=${nodes.length}`,
    `--nodelist=${nodes.join(',')}`,
    `--ntasks=${nodes.length * tasksPerNode}`,
    `--ntasks-per-node=${tasksPerNode}`,
    '--kill-on-bad-exit=1',
    '--unbuffered',
    '--export=ALL',
  ];
}

/** The command that runs an engine's step, in a container if the pool uses containers. */
export function engineArgv(
  settings: SlurmSettings,
  step: SlurmStep,
  { image, workDir }: { readonly image: string; readonly workDir: string },
  argv: readonly string[],
): string[] {
  return [
    ...stepArgv(step),
    ...(settings.container === 'none' ? [`--chdir=${workDir}`] : containerFlags(settings, image, workDir)),
    ...(step.mpi === true ? [`--mpi=${settings.mpi}`] : []),
    ...settings['srun-args'],
    ...argv,
  ];
}

function containerFlags(settings: SlurmSettings, image: string, workDir: string): string[] {
  const mounts = containerMounts(settings, workDir);
  return [
    `--container-image=${squashFile(settings, image) ?? enrootImage(image)}`,
    `--container-mounts=${mounts.join(',')}`,
    `--container-workdir=${containerWorkDir}`,
    '--no-container-entrypoint',
    '--no-container-mount-home',
  ];
}

/** The file that an image is imported to, if the pool has a folder for images. */
export function squashFile(settings: SlurmSettings, image: string): string | undefined {
  const folder = settings['squash-dir'];
  return folder === undefined ? undefined : join(folder, `${imageFileName(image)}.sqsh`);
}

/**
 * Imports $2 into the file $1 unless it exists. Only one process imports at a time, even if many nodes try; $3 is the
 * timeout in seconds for another import. A partial import never has the final name.
 */
const importScript = `set -eu
mkdir -p "$(dirname "$1")"
exec 9>"$1.lock"
flock -w "$3" 9 || { echo "another import of $2 did not end in $3 s" >&2; exit 1; }
if [ -s "$1" ]; then exit 0; fi
rm -f "$1.part"
enroot import --output "$1.part" "docker://$2"
mv "$1.part" "$1"`;

export function importArgv(step: SlurmStep, image: string, file: string, timeoutS: number): string[] {
  return [
    ...stepArgv(step),
    'sh',
    '-c',
    importScript,
    'import-image',
    file,
    enrootImage(image),
    String(timeoutS),
  ];
}

/**
 * Prints the checksum of the image $1. It is cached next to the image with the image's size and time; if the folder is
 * not writable, the next session computes it again.
 */
const checksumScript = `set -eu
now=$(stat -L -c '%s %Y' "$1")
if read -r size time sum <"$1.sha256" && [ "$size $time" = "$now" ]; then echo "$sum"; exit 0; fi 2>/dev/null
sum=$(sha256sum <"$1")
sum=\${sum%% *}
{ echo "$now $sum" >"$1.sha256.$$" && mv -f "$1.sha256.$$" "$1.sha256"; } 2>/dev/null || true
echo "$sum"`;

export function checksumArgv(step: SlurmStep, file: string): string[] {
  return [...stepArgv(step), 'sh', '-c', checksumScript, 'checksum-of-image', file];
}
