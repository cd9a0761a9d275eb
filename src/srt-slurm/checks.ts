import type { Fault } from '../errors.ts';
import { frontendOf, frontends } from './frontends/list.ts';
import type { SrtRecipe } from './recipe-schema.ts';
import { isDisaggregated } from './resources.ts';

/** A rule between fields that a recipe breaks, at the field to correct. */
export interface BrokenRule extends Fault {
  readonly path: readonly string[];
}

/** A rule of srt-slurm between the fields of a recipe; undefined if the recipe keeps it. */
type Rule = (recipe: SrtRecipe) => BrokenRule | undefined;

const rules: readonly Rule[] = [
  ({ frontend }) =>
    frontendOf(frontend.type) === undefined
      ? {
          path: ['frontend', 'type'],
          message: `there is no frontend '${frontend.type}'`,
          hint: `the frontends are ${frontends.map(({ type }) => type).join(', ')}`,
        }
      : undefined,
  (recipe) => {
    const message = frontendOf(recipe.frontend.type)?.refusal(recipe);
    return message === undefined
      ? undefined
      : { path: ['frontend', 'type'], message: `${recipe.frontend.type} ${message}` };
  },
  ({ backend, resources }) => {
    if (resources.het_jobs !== true) return undefined;
    if (!isDisaggregated(resources) || !resources.prefill_nodes || !resources.decode_nodes)
      return broken(['resources', 'het_jobs'], 'needs prefill_nodes and decode_nodes of at least 1');
    if (backend.type !== 'sglang')
      return broken(['resources', 'het_jobs'], `needs the backend sglang; found ${backend.type}`);
    return undefined;
  },
  ({ resources, frontend, benchmark }) =>
    resources.het_jobs === true && (frontend.dedicated_node || benchmark.client_dedicated_node)
      ? broken(['resources', 'het_jobs'], 'cannot have a dedicated node of the frontend or the client')
      : undefined,
  ({ frontend }) =>
    frontend.dedicated_node && frontend.orchestrator_placement !== 'head'
      ? broken(
          ['frontend', 'orchestrator_placement'],
          'expected head, because the frontend has a dedicated node',
        )
      : undefined,
  ({ benchmark }) =>
    benchmark.client_dedicated_node && benchmark.client_placement !== 'head'
      ? broken(['benchmark', 'client_placement'], 'expected head, because the client has a dedicated node')
      : undefined,
  ({ benchmark, resources }) =>
    benchmark.client_placement !== 'head' && !resources.decode_workers
      ? broken(['benchmark', 'client_placement'], 'expected head, because there are no decode workers')
      : undefined,
  ({ frontend, resources }) =>
    frontend.orchestrator_placement !== 'head' && !resources.decode_workers
      ? broken(['frontend', 'orchestrator_placement'], 'expected head, because there are no decode workers')
      : undefined,
  ({ dynamo: { hash, top_of_tree: top, wheel } }) => {
    const sources = [hash != null, top, wheel != null].filter(Boolean).length;
    return sources > 1
      ? broken(['dynamo'], 'expected one source of Dynamo: hash, top_of_tree or wheel')
      : undefined;
  },
  ({ dynamo }) =>
    (dynamo.cargo_patches ?? []).length > 0 && dynamo.hash == null
      ? broken(
          ['dynamo', 'cargo_patches'],
          'needs dynamo.hash, because only a build from source can be patched',
        )
      : undefined,
  ({ benchmark }) =>
    benchmark.type === 'custom' && benchmark.command == null
      ? broken(['benchmark'], 'missing command; a custom benchmark needs one')
      : undefined,
  ({ benchmark }) => {
    if (benchmark.type !== 'sa-bench') return undefined;
    if (benchmark.concurrencies == null)
      return broken(['benchmark'], 'missing concurrencies; sa-bench needs them');
    if (benchmark.dataset_name === 'custom')
      return benchmark.dataset_path == null
        ? broken(['benchmark'], 'missing dataset_path; dataset_name: custom needs it')
        : undefined;
    const absent = (['isl', 'osl'] as const).find((field) => benchmark[field] == null);
    return absent === undefined ? undefined : broken(['benchmark'], `missing ${absent}; sa-bench needs it`);
  },
  ({ backend, resources }) => {
    if (backend.kvStore === undefined || !isDisaggregated(resources) || backend.usesKvStore) return undefined;
    return broken(
      ['backend', 'mooncake_kv_store'],
      'no worker uses the store: neither prefill nor decode moves its KV cache through Mooncake',
    );
  },
  ({ telemetry, benchmark, infra }) => {
    if (!telemetry.enabled) return undefined;
    if (telemetry.dcgm_exporter == null)
      return broken(['telemetry'], 'missing dcgm_exporter, which measures power');
    if (Number(telemetry.default_frequency ?? 1) > 3)
      return broken(
        ['telemetry', 'default_frequency'],
        'expected at most 3 s; longer gaps make the power invalid',
      );
    if (benchmark.type !== 'sa-bench')
      return broken(['telemetry', 'enabled'], `needs the benchmark sa-bench; found ${benchmark.type}`);
    if (benchmark.client_placement !== 'head' || infra.etcd_nats_dedicated_node)
      return broken(
        ['telemetry', 'enabled'],
        'needs the client on the first node, whose clock dates the samples',
      );
    return undefined;
  },
  ({ backend }) => backend.refusal,
];

/** The rules that a recipe breaks. */
export function brokenRules(recipe: SrtRecipe): BrokenRule[] {
  return rules.flatMap((rule) => rule(recipe) ?? []);
}

function broken(path: readonly string[], message: string): BrokenRule {
  return { path, message };
}
