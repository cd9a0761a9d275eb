import { randomUUID } from 'node:crypto';
import { vendorNamed } from '../../accelerators/index.ts';
import { attempt, type Finding } from '../../finding.ts';
import { freeBytesAt, type Host } from '../../hosts/index.ts';
import { runArgv } from './argv.ts';
import type { DockerSettings } from './settings.ts';

/** Checks docker on a host for the doctor. */
export async function examineDocker(settings: DockerSettings, host: Host): Promise<readonly Finding[]> {
  return await attempt('docker', 'install docker, start it, and give this user access', async () => {
    const version = await host.run(['docker', 'version', '--format', '{{.Server.Version}}']);
    if (version.code !== 0)
      throw new Error(`docker does not respond: ${version.stderr.trim().split('\n').at(-1) ?? ''}`);
    const found: Finding = { check: 'docker', state: 'ok', message: `docker ${version.stdout.trim()}` };
    const full = await examineDockerDisk(settings, host);
    const { runtime } = vendorNamed(settings.accelerator).containers;
    const start = await examineStart(settings, host);
    if (runtime === undefined) return [found, ...full, ...start];
    const { stdout } = await host.run(['docker', 'info', '--format', '{{json .Runtimes}}']);
    return [
      found,
      ...full,
      ...start,
      stdout.includes(JSON.stringify(runtime.name))
        ? { check: 'docker', state: 'ok', message: `it has the ${runtime.name} runtime` }
        : {
            check: 'docker',
            state: 'problem',
            message: `it has no ${runtime.name} runtime, so containers get no GPU`,
            todo: runtime.todo,
          },
    ];
  });
}

/** Docker's root directory may be on a separate disk. */
async function examineDockerDisk(settings: DockerSettings, host: Host): Promise<Finding[]> {
  const neededGb = settings['disk-space-gb'];
  const { code, stdout } = await host.run(['docker', 'info', '--format', '{{.DockerRootDir}}']);
  const folder = stdout.trim();
  if (neededGb === 0 || code !== 0 || !folder.startsWith('/')) return [];
  const freeGb = (await freeBytesAt(host, folder)) / 1e9;
  if (freeGb >= neededGb) return [];
  return [
    {
      check: 'docker',
      state: 'warning',
      message: `the disk of Docker's root directory (${folder}) has ${freeGb.toFixed(1)} GB free; an image that is not pulled yet may need more`,
      todo: 'docker system prune, or move data-root in /etc/docker/daemon.json',
    },
  ];
}

/** A program that no image has: docker looks for it after it has set up everything else of a container. */
const noProgram = '/no-such-program-of-inferencemax';

/** Whether docker starts containers with the pool's limits and devices: tries any local image with a missing program. */
async function examineStart(settings: DockerSettings, host: Host): Promise<Finding[]> {
  const images = await host.run(['docker', 'image', 'ls', '--quiet']);
  const [image] = images.stdout.trim().split('\n');
  if (image === undefined || image === '') return [];
  const token = randomUUID();
  const name = `inferencemax-doctor-${token}`;
  const tried = { name, token, sessionId: 'doctor', image, workDir: '/tmp', argv: [noProgram], envNames: [] };
  const bare = { ...settings, mounts: [], 'hf-hub-cache': undefined };
  const { stderr } = await host.run(runArgv(bare, tried), { timeoutMs: startMs });
  await host.run(['docker', 'rm', '--force', name]);
  if (stderr.includes(noProgram))
    return [{ check: 'docker', state: 'ok', message: "it starts containers with the pool's settings" }];
  const said = stderr.split('\n').find((line) => line.trim() !== '') ?? '';
  return [
    {
      check: 'docker',
      state: 'problem',
      message: `it cannot start a container with the pool's settings: ${said}`,
      todo: said.includes('rlimit')
        ? "set ulimits: [] in the pool's file, or allow docker to raise limits (LimitMEMLOCK=infinity in its service)"
        : "correct ulimits, shm-size, docker-args or accelerator in the pool's file",
    },
  ];
}

const startMs = 60_000;
