/** What the sweep does about one class of failure. */
export interface FailureRule {
  /** Further starts of the engine on the same node, where the failure kept it from getting ready. */
  readonly restarts: number;
  /** Further measurements of the point on the same node, where the failure came while it was measured. */
  readonly remeasurements: number;
  /** Further nodes to try, where there are any, once the node's own tries are used up. */
  readonly otherNodes: number;
  /** The wait before the next try, seconds; it is drawn around that, so that not all come back at the same moment. */
  readonly backoffS: number;
  /** Each further wait is twice as long, up to this; absent where every wait is the same. */
  readonly mostBackoffS?: number;
  /**
   * Whether the node may be at fault: `guilty` takes it out of use at once, `suspect` counts when it fails several
   * sessions, or one that another node can do, `compared` only in the latter case.
   */
  readonly node: 'innocent' | 'compared' | 'suspect' | 'guilty';
  /**
   * What is gone, or of no more use, after the failure: nothing, the engine, the engine with what was reserved for its
   * session (an allocation, a connection), or the whole sweep.
   */
  readonly ends: 'nothing' | 'engine' | 'reservation' | 'sweep';
  /** What is waited for at most before this failure is declared, seconds; absent where nothing is waited for. */
  readonly deadlineS?: number;
}

/** A class of failures: what it is in words, and what is done about it. */
interface FailureRow extends FailureRule {
  readonly means: string;
  /** What `deadlineS` is the time for, or whose deadline it is where it has none of its own. */
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
 * Every class of failures; adding one is adding a row. What fails the same way every time is not tried again where it
 * failed; what a node may be to blame for is tried on another one.
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
    means: 'processes of the engine wait for each other and do nothing',
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
    means: 'it did not answer in time',
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
    deadline: "the engine's own",
  },
  // Nodes of a pool have as much memory as each other, and a start that ends so has loaded for a long time.
  'out-of-memory': {
    ...never,
    means: 'it ended because the memory of the machine ran out',
    remeasurements: 1,
    ends: 'engine',
  },
  'engine-died': {
    ...never,
    means: 'it ended during a measurement',
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
  },
  stalled: {
    ...never,
    means: 'it is running but does not answer',
    remeasurements: 1,
    otherNodes: 1,
    node: 'suspect',
    ends: 'engine',
    deadlineS: 120,
    deadline: 'without a byte',
  },
  unreachable: {
    ...never,
    means: 'its port is closed, and its launcher does not know why',
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
    means: "the allocation's time was over",
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

/** The rule of every class: those of the table, or as a user changed them. */
export type FailureRules = Readonly<Record<FailureClass, FailureRule>>;

/** A failure with its class, in words for the person who must act on it. */
export interface Failure {
  readonly failureClass: FailureClass;
  readonly message: string;
  /** What the operator does about it, where that is known. */
  readonly todo?: string;
  /** The engine's last log lines, where it was the engine that failed. */
  readonly logTail?: string;
  /** By the names the launcher gives them, the nodes that it happened on, where it is known of some alone. */
  readonly nodes?: readonly string[];
  /** The engine is gone, whatever the class says. */
  readonly engineEnded?: true;
}

/** Whether the engine that was measured is gone, or of no more use. */
export function endsTheEngine(failureClass: FailureClass): boolean {
  return failureTable[failureClass].ends !== 'nothing';
}

/** Whether what was reserved for the session is gone as well. */
export function endsTheReservation(failureClass: FailureClass): boolean {
  const { ends } = failureTable[failureClass];
  return ends === 'reservation' || ends === 'sweep';
}

/** Whether nothing more can be measured at all. */
export function endsTheSweep(failureClass: FailureClass): boolean {
  const { ends } = failureTable[failureClass];
  return ends === 'sweep';
}

/** Whether a failure comes again wherever and whenever the same is tried. */
export function failsEverywhere(failureClass: FailureClass): boolean {
  const { restarts, remeasurements, otherNodes, ends } = failureTable[failureClass];
  return restarts + remeasurements + otherNodes === 0 && ends !== 'sweep';
}
