import { type JobPlace, modelOf } from './job-place.ts';
import type { SrtRecipe } from './recipe-schema.ts';
import { gpusOf, workerGroups, workerNodes } from './resources.ts';

/** The nodes that a job runs on. */
export interface JobNodes {
  /** As many as `nodesOf` says. */
  readonly nodes: readonly string[];
  addressOf(node: string): string;
  /** The folder of logs on the hosts. */
  readonly logs: string;
  /** The folder of a model that the recipe names by an alias of the cluster; absent if recipes name folders. */
  modelFolder?(alias: string): string;
}

/** The number of nodes that a recipe needs: those of its workers, and those reserved for services. */
export function nodesOf(recipe: SrtRecipe): number {
  return workerNodesOf(recipe) + reservedNodes(recipe);
}

function workerNodesOf({ backend, resources }: SrtRecipe): number {
  if (!sharesNodes({ backend, resources })) return workerNodes(resources);
  return Math.ceil(allGpus(resources) / resources.gpus_per_node);
}

function allGpus(resources: SrtRecipe['resources']): number {
  return workerGroups(resources).reduce((sum, group) => sum + gpusOf(group), 0);
}

/** Whether prefill and decode workers follow each other on the same nodes. */
export function sharesNodes({ backend, resources }: Pick<SrtRecipe, 'backend' | 'resources'>): boolean {
  const both = (resources.prefill_workers ?? 0) > 0 && (resources.decode_workers ?? 0) > 0;
  return both && backend.sharesNodes(allGpus(resources), resources.gpus_per_node);
}

type Service = 'infra' | 'frontend' | 'client';

/** The services with a dedicated node, which they share by default. */
function servicesApart({ infra, frontend, benchmark }: SrtRecipe): Service[] {
  const apart: readonly (readonly [Service, boolean])[] = [
    ['infra', infra.etcd_nats_dedicated_node],
    ['frontend', frontend.dedicated_node],
    ['client', benchmark.client_dedicated_node],
  ];
  return apart.flatMap(([service, wanted]) => (wanted ? [service] : []));
}

function reservedNodes(recipe: SrtRecipe): number {
  const apart = servicesApart(recipe);
  return recipe.benchmark.colocate_with_frontend ? Math.min(apart.length, 1) : apart.length;
}

/**
 * The place of a job on its nodes. Nodes of services come first, but a client never gets the first node, where Slurm runs
 * the script of the job.
 */
export function placeOf(recipe: SrtRecipe, { nodes, addressOf, logs, modelFolder }: JobNodes): JobPlace {
  const apart = servicesApart(recipe);
  const shared = recipe.benchmark.colocate_with_frontend;
  const hasClient = apart.includes('client');
  const last = nodes.slice(-1);
  const front = apart.filter((service) => service !== 'client');
  const before = shared ? Number(apart.length > 0 && !hasClient) : front.length;
  const workers = nodes.slice(before, hasClient ? -1 : undefined);
  const nodeOf = (service: Service) => {
    if (!apart.includes(service)) return undefined;
    if (service === 'client' || (shared && hasClient)) return last[0];
    return nodes[shared ? 0 : front.indexOf(service)];
  };
  const head = nodeOf('frontend') ?? workers[0] ?? '';
  return {
    name: recipe.name,
    workers,
    head,
    infra: nodeOf('infra') ?? head,
    client: nodeOf('client') ?? head,
    addressOf,
    logs,
    model: modelOf(modelFolder?.(recipe.model.path) ?? recipe.model.path, recipe.backend.servedModelName),
    frontend: recipe.frontend.type,
    requestPlane: recipe.dynamo.request_plane,
    gpuType: recipe.resources.gpu_type,
  };
}
