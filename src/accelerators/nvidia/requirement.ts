import { defined } from '../../defined/defined.ts';
import { ask, type Host } from '../../hosts/index.ts';
import type { DeviceFault } from '../vendor.ts';

/** What the driver of a node is, as `nvidia-smi -q` says it. */
export interface DriverVersions {
  /** The newest CUDA that the driver has. */
  readonly cuda?: string;
  readonly driver?: string;
}

/** What keeps the driver of a node from running an image with such an environment; undefined if nothing is known to. */
export async function imageFault(
  env: Readonly<Record<string, string>>,
  host: Host,
): Promise<DeviceFault | undefined> {
  const { NVIDIA_REQUIRE_CUDA: required = '', NVIDIA_DISABLE_REQUIRE: off = '' } = env;
  if (required === '' || /^(?:1|true)$/i.test(off)) return undefined;
  const versions = await ask(host, ['nvidia-smi', '-q'], versionsIn, { timeoutMs: 30_000 });
  if (meets(required, versions)) return undefined;
  const { driver = 'of unknown version', cuda = 'unknown' } = versions;
  return {
    stopsEngines: true,
    message: `the driver ${driver} (CUDA ${cuda}) is too old for the image, which requires ${shown(required)}`,
    todo: 'update the driver of the node, or use an image that is built for an older CUDA',
  };
}

export function versionsIn(report: string): DriverVersions {
  const cuda = /^CUDA Version\s*:\s*(\d[\d.]*)/m.exec(report)?.[1];
  const driver = /^Driver Version\s*:\s*(\d[\d.]*)/m.exec(report)?.[1];
  return defined({ cuda, driver });
}

/**
 * Whether a requirement of the container toolkit holds: alternatives stand between spaces, what must hold together
 * between commas. What is not known here, such as the brand of the GPU, is taken to hold.
 */
export function meets(required: string, versions: DriverVersions): boolean {
  return alternatives(required).some((conditions) =>
    conditions.split(',').every((condition) => holds(condition, versions)),
  );
}

function holds(condition: string, versions: DriverVersions): boolean {
  const [, name, operator, wanted = ''] = /^(cuda|driver)(>=|<=|>|<|=|!=)(\d[\d.]*)$/.exec(condition) ?? [];
  const had = name === 'cuda' ? versions.cuda : name === 'driver' ? versions.driver : undefined;
  if (had === undefined) return true;
  const order = compared(had, wanted);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '=':
      return order === 0;
    default:
      return order !== 0;
  }
}

/** By as many parts as are wanted: a driver 535.161 is no later than 535. */
function compared(had: string, wanted: string): number {
  const parts = had.split('.').map(Number);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    const difference = (parts[index] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

function alternatives(required: string): string[] {
  return required.split(/\s+/).filter((alternative) => alternative !== '');
}

/** The first alternative is the usual one; the others are for older drivers of single brands. */
function shown(required: string): string {
  return alternatives(required)[0] ?? required;
}
