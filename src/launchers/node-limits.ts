import { vendorNamed } from '../accelerators/index.ts';
import type { Finding } from '../finding.ts';
import { freeBytesAt, type Host } from '../hosts/index.ts';
import type { LauncherSettings } from './settings.ts';

const gibibyte = 2 ** 30;
/** Minimum for NCCL and the workers of one engine together. */
const leastShmBytes = 8 * gibibyte;
/** Minimum that RDMA pins per process. */
const leastMemlockKib = 1024 * 1024;

/** Finds limits of a node that make engines fail although its devices are present and idle. Reports only problems. */
export async function examineLimits(settings: LauncherSettings, host: Host): Promise<readonly Finding[]> {
  const vendor = vendorNamed(settings.accelerator);
  if (!vendor.hasDevices) return [];
  const faults = (await vendor.faults?.(host).catch(() => [])) ?? [];
  return [
    ...faults.map(
      ({ stopsEngines, message, todo }): Finding => ({
        check: 'accelerators',
        state: stopsEngines ? 'problem' : 'warning',
        message,
        todo,
      }),
    ),
    ...(await examineSharedMemory(host)),
    ...(await examineLockedMemory(host)),
    ...(await examineNamespaces(host)),
  ];
}

async function examineSharedMemory(host: Host): Promise<Finding[]> {
  const free = await freeBytesAt(host, '/dev/shm').catch(() => undefined);
  if (free === undefined || free >= leastShmBytes) return [];
  return [
    {
      check: 'limits',
      state: 'warning',
      message: `/dev/shm has ${(free / gibibyte).toFixed(1)} GiB free, and multi-GPU engines share memory through it`,
      todo: 'delete leftovers of ended engines (ls -l /dev/shm), or enlarge the mount',
    },
  ];
}

async function examineLockedMemory(host: Host): Promise<Finding[]> {
  const { stdout } = await host.run(['sh', '-c', 'ulimit -l']).catch(() => ({ stdout: '' }));
  const kib = Number(stdout.trim());
  if (stdout.trim() === '' || Number.isNaN(kib) || kib >= leastMemlockKib) return [];
  return [
    {
      check: 'limits',
      state: 'warning',
      message: `processes may lock ${Math.round(kib / 1024)} MiB of memory (ulimit -l), too little for RDMA between nodes`,
      todo: 'set memlock to unlimited in /etc/security/limits.conf, or LimitMEMLOCK of slurmd or docker',
    },
  ];
}

async function examineNamespaces(host: Host): Promise<Finding[]> {
  const most = await host.readFile('/proc/sys/user/max_user_namespaces').catch(() => '');
  if (most.trim() !== '0') return [];
  return [
    {
      check: 'limits',
      state: 'warning',
      message: 'the node does not allow user namespaces, which pyxis and rootless containers need',
      todo: 'sysctl user.max_user_namespaces=65536',
    },
  ];
}
