import { join } from 'node:path';
import { vendorNamed } from '../../accelerators/index.ts';
import { enrootImage, imageFileName } from '../container-image.ts';
import type { ReserveRequest } from '../launcher.ts';
import { containerMounts, containerWorkDir } from '../mounts.ts';
import type { SlurmSettings } from './settings.ts';

/** The command that asks for a session's allocation and returns when it is granted, leaving it in place. */
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

/** The command that runs another on one node of the cluster, in a job of its own that does not wait for long. */
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

/** One step of an allocation: which nodes, how many processes on each, and what it is called. */
export interface SlurmStep {
  /** The number of the job, or what stands for it before there is one. */
  readonly jobId: number | string;
  readonly name: string;
  readonly nodes: readonly string[];
  readonly tasksPerNode: number;
  /** Its processes are one MPI job. */
  readonly mpi?: boolean;
}

/** What a step of an engine is called in its job, of which it may be started several times. */
export function stepName(start: number, step: string): string {
  return `engine-${start}-${step}`;
}

/** The command that runs a step outside any container. It shares the nodes with the allocation's other steps. */
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

/** The command that runs an engine's step, in its container where the pool has containers. */
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

/** The file an image is imported to, where the pool has a folder for them. */
export function squashFile(settings: SlurmSettings, image: string): string | undefined {
  const folder = settings['squash-dir'];
  return folder === undefined ? undefined : join(folder, `${imageFileName(image)}.sqsh`);
}

/**
 * Imports $2 into the file $1 unless it is there, one process at a time however many nodes ask; $3 is how long to wait
 * for another's import, seconds. A half-imported file never has the final name.
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
 * Says the checksum of the image $1, which is kept beside it with its size and its time, so that it is taken once. A
 * folder that may not be written only costs the next session the same.
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
