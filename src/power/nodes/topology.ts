import { pythonText } from '../../python-text.ts';
import type { ExpectedGpu, GpuRole } from './manifest.ts';
import { gpuKey, type SampledGpu } from './node-samples.ts';

/** Number of GPUs per role that the job requested. */
export interface AskedGpus {
  readonly prefill: number;
  readonly decode: number;
}

export interface Devices {
  /** The role of each expected GPU, in order of the GPUs; empty if one has several. */
  readonly roles: ReadonlyMap<string, GpuRole>;
  readonly faults: readonly string[];
}

/** Compares the GPUs in the samples with those that the job used. */
export function devicesOf(expected: readonly ExpectedGpu[], sampled: readonly SampledGpu[]): Devices {
  const [expectedKeys, sampledKeys] = [new Set(expected.map(gpuKey)), new Set(sampled.map(gpuKey))];
  const uuids = sampled.flatMap((gpu) => gpu.uuids);
  const isOneToOne = sampled.every((gpu) => gpu.uuids.length === 1) && new Set(uuids).size === uuids.length;
  const roles = rolesOf(expected);
  const faults: [fault: string, isThere: boolean][] = [
    ['expected_device_missing', expectedKeys.size === 0 || hasMore(expectedKeys, sampledKeys)],
    ['unexpected_device', hasMore(sampledKeys, expectedKeys)],
    ['gpu_uuid_changed', !isOneToOne],
    ['conflicting_worker_roles', roles === undefined],
    ['conflicting_het_groups', groupsOf(expected) === undefined],
  ];
  return {
    roles: roles ?? new Map(),
    faults: faults.flatMap(([fault, isThere]) => (isThere ? [fault] : [])),
  };
}

function hasMore(keys: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...keys].some((key) => !others.has(key));
}

/** Undefined if a GPU has several roles. */
function rolesOf(expected: readonly ExpectedGpu[]): ReadonlyMap<string, GpuRole> | undefined {
  const roles = new Map<string, GpuRole>();
  for (const gpu of expected) {
    const [role, ...others] = new Set(gpu.assignments.map((one) => one.role));
    if (role === undefined || others.length > 0) return undefined;
    roles.set(gpuKey(gpu), role);
  }
  return roles;
}

/** The heterogeneous job component of each node, null for other jobs; undefined if a node is in several. */
function groupsOf(expected: readonly ExpectedGpu[]): ReadonlyMap<string, number | null> | undefined {
  const groups = new Map<string, number | null>();
  for (const { hostname, assignments } of expected) {
    for (const { hetGroup } of assignments) {
      if (groups.has(hostname) && groups.get(hostname) !== hetGroup) return undefined;
      groups.set(hostname, hetGroup);
    }
  }
  return groups;
}

/** Why the roles of the GPUs differ from those that the job requested. */
export function faultsOfTopology(
  expected: readonly ExpectedGpu[],
  roles: ReadonlyMap<string, GpuRole>,
  asked: AskedGpus,
): string[] {
  const counts = Object.entries(asked).filter(([, gpus]) => gpus > 0);
  if (counts.length === 0) return ['PREFILL_GPUS/DECODE_GPUS are both zero'];
  if (roles.size === 0) return [];
  const [found, wanted] = [[...new Set(roles.values())].toSorted(), counts.map(([role]) => role).toSorted()];
  const countOf = (role: string) => [...roles.values()].filter((one) => one === role).length;
  return [
    ...(found.join() === wanted.join()
      ? []
      : [`expected roles ${pythonText(wanted)}, found ${pythonText(found)}`]),
    ...counts
      .toSorted()
      .filter(([role, gpus]) => countOf(role) !== gpus)
      .map(([role, gpus]) => `expected ${gpus} ${role} GPUs, found ${countOf(role)}`),
    ...faultsOfGroups(expected, roles, found),
  ];
}

/** Either each role has its own component, or no node has one. */
function faultsOfGroups(
  expected: readonly ExpectedGpu[],
  roles: ReadonlyMap<string, GpuRole>,
  inOrder: readonly GpuRole[],
): string[] {
  const groups = groupsOf(expected);
  if (groups === undefined) return ['conflicting_het_groups (topology)'];
  const hasNone = [...groups.values()].every((group) => group === null);
  const faults: string[] = [];
  const taken: number[] = [];
  for (const role of inOrder) {
    const nodes = expected.filter((gpu) => roles.get(gpuKey(gpu)) === role);
    const [group, ...others] = new Set(nodes.map(({ hostname }) => groups.get(hostname) ?? null));
    if (others.length > 0 || group === undefined) {
      const all = [...new Set([group, ...others])].toSorted(byText);
      faults.push(`role ${role} spans het groups ${pythonText(all)}, expected exactly one`);
    } else if (group !== null) taken.push(group);
    else if (!hasNone)
      faults.push(`role ${role} has het group None while other devices report real het groups`);
  }
  if (new Set(taken).size !== taken.length) faults.push('roles share a het group');
  return faults;
}

function byText(one: unknown, other: unknown): number {
  const [first, second] = [pythonText(one), pythonText(other)];
  return first < second ? -1 : Number(first > second);
}
