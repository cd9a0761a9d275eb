/** How a sweep handles one class of failures. */
export interface FailureRule {
  /** Restarts of the engine on the same node, if it failed before it was ready. */
  readonly restarts: number;
  /** Further measurements of the point on the same node, if it failed while being measured. */
  readonly remeasurements: number;
  /** Other nodes to try after the retries on the same node. */
  readonly otherNodes: number;
  /** Wait before the next try, seconds; randomized around this value, so that retries do not coincide. */
  readonly backoffS: number;
  /** Each wait doubles up to this, seconds; absent if all waits are equal. */
  readonly mostBackoffS?: number;
  /**
   * Whether the node may be at fault: `guilty` takes it out of use at once, `suspect` if it fails several sessions or
   * one that succeeds on another node, `compared` only in the latter case.
   */
  readonly node: 'innocent' | 'compared' | 'suspect' | 'guilty';
  /**
   * What is gone or unusable after the failure: nothing, the engine, the engine with its session's reservation (an
   * allocation, a connection), or the whole sweep.
   */
  readonly ends: 'nothing' | 'engine' | 'reservation' | 'sweep';
  /** Timeout before this failure is declared, seconds; absent if there is no wait. */
  readonly deadlineS?: number;
}

/** A failure class: its meaning, and how it is handled. */
interface FailureRow extends FailureRule {
  readonly means: string;
  /** What `deadlineS` applies to or, if there is none, whose deadline it is. */
  readonly deadline?: string;
}

const never = {
  restarts: 0,
  remeasurements: 0,
  otherNodes: 0,
  backoffS: 0,
  node: 'innocent',
  ends: 'nothing',
} as const;

/**
 * All failure classes. To add one, add a row. Deterministic failures are not retried on the same node; failures that
 * may be the node's fault are retried on another one.
 */
const rows = {
  'bad-input': { ...never, means: 'the config or plan cannot be run' },
  'node-busy': {
    ...never,
    means: 'another process uses the port or GPU memory',
    otherNodes: 3,
    node: 'suspect',
  },
  provisioning: {
    ...never,
    means: 'engine or weights could not be provisioned',
    restarts: 1,
    otherNodes: 1,
    backoffS: 5,
    node: 'suspect',
    deadlineS: 4 * 3600,
    deadline: 'for all of it',
  },
  'cannot-start': {
    ...never,
    means: 'no image, allocation or program; the engine never ran',
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
    deadline: "the launcher's",
  },
  'recipe-refused': { ...never, means: 'model, flags and engine are incompatible' },
  'not-permitted': {
    ...never,
    means: 'the hub, a registry, Slurm or a file system denied access',
  },
  'image-unfit': {
    ...never,
    means: 'the image is inconsistent or does not support this GPU',
    ends: 'engine',
  },
  'gpu-memory': { ...never, means: 'the recipe does not fit the memory of its GPUs', ends: 'engine' },
  'node-unfit': {
    ...never,
    means: 'a driver or limit of the node does not fit the image',
    otherNodes: 1,
    node: 'compared',
    ends: 'engine',
  },
  'gpu-hidden': {
    ...never,
    means: 'the engine sees no GPU, and nothing shows that its node has lost them',
    otherNodes: 1,
    node: 'compared',
    ends: 'engine',
  },
  'node-files': {
    ...never,
    means: 'weights or caches on the node are missing or damaged',
    otherNodes: 1,
    node: 'compared',
    ends: 'engine',
  },
  'node-broken': {
    ...never,
    means: 'a GPU, the driver, a disk or a mount of the node is broken',
    otherNodes: 2,
    node: 'guilty',
    ends: 'reservation',
  },
  throttled: {
    ...never,
    means: 'a hub, a registry or a controller limits requests, or a service is not up yet',
    restarts: 3,
    remeasurements: 1,
    otherNodes: 1,
    backoffS: 60,
    mostBackoffS: 600,
    ends: 'engine',
  },
  hung: {
    ...never,
    means: 'processes of the engine wait for each other and make no progress',
    restarts: 1,
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
  },
  network: {
    ...never,
    means: 'processes or nodes of the engine cannot reach each other',
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
  },
  'died-on-start': {
    ...never,
    means: 'the engine ended before it was ready',
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
  },
  'never-ready': {
    ...never,
    means: 'the engine did not become ready in time',
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
    deadline: "the engine's own",
  },
  // All nodes of a pool have the same amount of memory, and such a start has already loaded for a long time.
  'out-of-memory': {
    ...never,
    means: 'the engine ended because the machine ran out of memory',
    remeasurements: 1,
    ends: 'engine',
  },
  'engine-died': {
    ...never,
    means: 'the engine ended during a measurement',
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
  },
  stalled: {
    ...never,
    means: 'the engine is running but does not answer',
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
    deadlineS: 120,
    deadline: 'without a byte',
  },
  unreachable: {
    ...never,
    means: "the engine's port is closed, and its launcher does not know why",
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
    ends: 'reservation',
    deadlineS: 60,
    deadline: 'for its launcher to find out',
  },
  'node-lost': {
    ...never,
    means: 'the machine is gone',
    restarts: 1,
    remeasurements: 1,
    otherNodes: 2,
    backoffS: 30,
    node: 'guilty',
    ends: 'reservation',
  },
  preempted: {
    ...never,
    means: 'the cluster took the node back',
    restarts: 2,
    remeasurements: 2,
    otherNodes: 2,
    backoffS: 30,
    ends: 'reservation',
  },
  'time-limit': {
    ...never,
    means: 'the allocation reached its time limit',
    restarts: 1,
    remeasurements: 1,
    otherNodes: 1,
    ends: 'reservation',
  },
  'load-test': {
    ...never,
    means: 'requests failed, or the point took too long',
    remeasurements: 1,
    deadlineS: 3600,
    deadline: 'for a measurement',
  },
  'invalid-measurement': {
    ...never,
    means: 'the result cannot be trusted',
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
  },
  'disk-full': {
    ...never,
    means: 'results cannot be written, so measuring more is pointless',
    ends: 'sweep',
    deadlineS: 600,
    deadline: 'to make room',
  },
} as const satisfies Readonly<Record<string, FailureRow>>;

export type FailureClass = keyof typeof rows;

export const failureTable: Readonly<Record<FailureClass, FailureRow>> = rows;

export const failureClasses: readonly FailureClass[] = Object.keys(failureTable).filter(isFailureClass);

export function isFailureClass(name: string): name is FailureClass {
  return Object.hasOwn(failureTable, name);
}

/** The rules of all classes, with the user's changes. */
export type FailureRules = Readonly<Record<FailureClass, FailureRule>>;

/** A failure with its class, described for the operator. */
export interface Failure {
  readonly failureClass: FailureClass;
  readonly message: string;
  /** How to fix it, if known. */
  readonly todo?: string;
  /** The engine's last log lines, if the engine failed. */
  readonly logTail?: string;
  /** The nodes it happened on, by the launcher's names, if only some were affected. */
  readonly nodes?: readonly string[];
  /** Whether the engine is gone, even if the class does not imply it. */
  readonly engineEnded?: true;
}

/** Whether the measured engine is gone or unusable. */
export function endsTheEngine(failureClass: FailureClass): boolean {
  return failureTable[failureClass].ends !== 'nothing';
}

/** Whether the session's reservation is gone as well. */
export function endsTheReservation(failureClass: FailureClass): boolean {
  const { ends } = failureTable[failureClass];
  return ends === 'reservation' || ends === 'sweep';
}

/** Whether nothing more can be measured. */
export function endsTheSweep(failureClass: FailureClass): boolean {
  const { ends } = failureTable[failureClass];
  return ends === 'sweep';
}

/** Whether the failure would recur on any node at any time. */
export function failsEverywhere(failureClass: FailureClass): boolean {
  const { restarts, remeasurements, otherNodes, ends } = failureTable[failureClass];
  return restarts + remeasurements + otherNodes === 0 && ends !== 'sweep';
}
