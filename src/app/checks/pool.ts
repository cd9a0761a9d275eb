import type { GpuConstants } from '../../config/index.ts';
import { acceleratorsPerNode, fileOfPool, reachFault } from '../../launchers/index.ts';
import { gpuNamed } from '../../plan/estimate/index.ts';
import { sameAccelerators } from '../../sweep/index.ts';
import { runnersFolder } from '../default-files.ts';
import { type Check, type Found, onNodes } from './check.ts';

export const pool: Check = {
  name: 'pool',
  code: 'unknown-runner',
  looksAt: 'whether the pool has a file that says how to reach its nodes',
  find: ({ pool: name, poolFile }) =>
    poolFile === undefined
      ? [
          {
            severity: 'cannot-run',
            at: {},
            message: `no ${fileOfPool(name, runnersFolder())}`,
            hint: `no file says how to reach the nodes of pool ${name}`,
          },
        ]
      : [],
};

export const hardware: Check = {
  name: 'hardware',
  looksAt: 'whether hardware/gpus.yaml has the GPU in the name of a pool, with the figures that others need',
  find: ({ hardware: name, pool: poolName, nodes, poolFile, gpus }) => {
    const isGpu = nodes.some(({ settings }) => acceleratorsPerNode(settings) !== undefined);
    if (!isGpu) return [];
    const known = gpuNamed(name, gpus);
    if (known !== undefined) return withoutFigures(known);
    return [
      {
        severity: 'warning',
        at: poolFile === undefined ? {} : { file: poolFile },
        message: `the GPU of pool '${poolName}' is unknown, so times and costs cannot be estimated`,
        hint: `set hardware: in the pool's file, or name the pool after the GPU, such as h200-lab; hardware/gpus.yaml has ${gpus.map(({ gpu }) => gpu).join(', ')}, and you can add another one there`,
      },
    ];
  },
};

/** A warning if figures of a GPU are missing, from which times, costs and power are computed. */
export function withoutFigures({ gpu, specs, allInPowerKw, usdPerGpuHour }: GpuConstants): Found[] {
  const figures: readonly (readonly [name: string, value: unknown])[] = [
    ['memory', specs.memoryGb],
    ['memory bandwidth', specs.memoryBandwidthTbPerS],
    ['TDP', specs.tdpW],
    ['all-in power', allInPowerKw],
    ['price', Object.values(usdPerGpuHour).find((price) => price !== undefined)],
  ];
  const missing = figures.filter(([, value]) => value === undefined).map(([figure]) => figure);
  if (missing.length === 0) return [];
  return [
    {
      severity: 'warning',
      at: { file: 'hardware/gpus.yaml' },
      message: `${gpu} has no ${missing.join(', no ')}: figures that need it are unknown`,
      hint: 'add the figure with its source',
    },
  ];
}

export const reach: Check = {
  name: 'reach',
  looksAt: 'whether the load generator can reach engines at the address where the pool makes them listen',
  find: async (subject) => {
    const { poolFile } = subject;
    const found = await onNodes(subject, ({ settings }) => reachFault(settings));
    return found.map(({ who, message, ...rest }) => ({
      severity: 'error',
      at: poolFile === undefined ? {} : { file: poolFile },
      message: `${who}: ${message}`,
      ...rest,
    }));
  },
};

export const machine: Check = {
  name: 'machine',
  looksAt: 'whether the nodes of a pool are different machines',
  find: ({ pool: name, entry, everyNode, poolFile }) => {
    const [first, ...others] = everyNode;
    const isSame =
      first !== undefined && others.every((node) => sameAccelerators(node, [first]) !== undefined);
    if (first === undefined || others.length === 0 || !isSame || entry.runner !== name) return [];
    return [
      {
        severity: 'warning',
        at: poolFile === undefined ? {} : { file: poolFile },
        message: `nodes ${everyNode.map((node) => node.name).join(', ')} are one machine, because the ${first.launcherKind} launcher starts engines on this one; sessions run on ${first.name} only, one after the other`,
        hint: 'list one node in runners.yaml, or reach the others by ssh',
      },
    ];
  },
};
