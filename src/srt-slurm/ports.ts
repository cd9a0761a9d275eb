/** Ports of the processes of a job (F15). Where several processes share a node, each takes the next one. */
export const etcdPort = 2379;
export const natsPort = 4222;
/** The port that clients use. */
export const publicPort = 8000;
/** The port of frontends behind a load balancer. */
export const internalFrontendPort = 8180;
export const mooncakePorts = { rpc: 8700, metadata: 8701, metrics: 8702 } as const;
/** SGLang's rendezvous of several nodes. */
export const distInitPort = 8300;
/** vLLM's data-parallel rendezvous, if no process has its own. */
export const dataParallelPort = 8400;

const httpPort = { first: 6100, step: 32 } as const;
const bootstrapPort = 7200;
const kvEventsPort = 5200;
const nixlPort = 5400;
const systemPort = 7500;
const ncclPort = 17_500;
const kvbmPort = 5600;
const vllmPort = { first: 20_000, step: 50 } as const;

/** Hands out the ports of one job: some are counted per node, others over the whole job. */
export class PortAllocation {
  readonly #http = new Map<string, number>();
  readonly #bootstrap = new Map<string, number>();
  readonly #dataParallel = new Map<string, number>();
  #kvEvents = kvEventsPort;
  #nixl = nixlPort;
  #system = systemPort;

  http(node: string): number {
    return next(this.#http, node, httpPort.first, httpPort.step);
  }

  bootstrap(node: string): number {
    return next(this.#bootstrap, node, bootstrapPort);
  }

  dataParallel(node: string): number {
    return next(this.#dataParallel, node, dataParallelPort);
  }

  /** The first of `count` ports for KV-cache events. */
  kvEvents(count = 1): number {
    this.#kvEvents += count;
    return this.#kvEvents - count;
  }

  /** The first of `count` ports for NIXL's side channel. */
  nixl(count = 1): number {
    this.#nixl += count;
    return this.#nixl - count;
  }

  system(): number {
    this.#system += 1;
    return this.#system - 1;
  }
}

function next(taken: Map<string, number>, node: string, first: number, step = 1): number {
  const port = taken.get(node) ?? first;
  taken.set(node, port + step);
  return port;
}

/** The NCCL port of a process, from its system port, which no other process has. */
export function ncclPortOf(system: number): number {
  return ncclPort + system - systemPort;
}

/** The first of the ports that vLLM probes for itself. */
export function vllmPortOf(system: number): number {
  return vllmPort.first + (system - systemPort) * vllmPort.step;
}

/** The two ports of a KVBM leader, from its first port for KV-cache events. */
export function kvbmPortsOf(kvEvents: number): { readonly publish: number; readonly acknowledge: number } {
  const publish = kvbmPort + Math.max(0, kvEvents - kvEventsPort) * 2;
  return { publish, acknowledge: publish + 1 };
}
