/** Where a job runs, and what its processes must agree on. */
export interface JobPlace {
  /** The name of the recipe. */
  readonly name: string;
  /** The nodes of workers. */
  readonly workers: readonly string[];
  /** The node of the frontend, or of the load balancer before several. */
  readonly head: string;
  /** The node of etcd, NATS and a KV store. */
  readonly infra: string;
  /** The node of the load client, unless `client_placement` moves it. */
  readonly client: string;
  /** The IP address of a node. */
  addressOf(node: string): string;
  /** The folder of logs on the hosts; in containers it is `/logs`. */
  readonly logs: string;
  readonly model: ServedModel;
  /** The type of the frontend. */
  readonly frontend: string;
  readonly requestPlane: string;
  readonly gpuType: string;
}

/** The model as engines see it. */
export interface ServedModel {
  /** A folder that is mounted, or a Hugging Face id. */
  readonly path: string;
  /** The last part of its path outside, which is its name if the recipe states no other. */
  readonly folder: string;
  /** The name by which clients ask for it. */
  readonly name: string;
}

/** Where containers find a file of the folder of logs. */
export function inContainer(name: string): string {
  return `/logs/${name}`;
}

const huggingFace = 'hf:';

/** The model of a recipe from its path, such as `hf:Qwen/Qwen3-8B`, and the name that its backend states. */
export function modelOf(path: string, name: string | undefined): ServedModel {
  const isHub = path.startsWith(huggingFace);
  const own = isHub ? path.slice(huggingFace.length) : path;
  const folder = own.split('/').findLast((part) => part !== '') ?? own;
  return { path: isHub ? own : '/model', folder, name: name ?? folder };
}
