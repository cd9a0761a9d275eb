import { defined } from '../defined/defined.ts';
import { recipeEnvironment } from './environment.ts';
import type { FrontendPlace, SrtFrontend } from './frontends/frontend.ts';
import { publicPort } from './ports.ts';
import type { SrtRecipe } from './recipe-schema.ts';
import { gpusOf, isDisaggregated, workerGroups } from './resources.ts';
import type { WorkerRole } from './topology.ts';

/** The command that measures, and its variables. */
export interface ClientProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The job as its client sees it. */
export interface ClientPlace extends FrontendPlace {
  readonly kind: SrtFrontend;
  /** The node with the public port. */
  readonly publicNode: string;
}

/** A kind of benchmark. To add one, add an object to the list below. */
interface Benchmark {
  readonly type: string;
  argv(recipe: SrtRecipe, model: FrontendPlace['model']): string[] | undefined;
  env(place: ClientPlace): Record<string, string>;
}

/** The client of fixed lengths: everything is a positional argument of its script. */
const fixedLengths: Benchmark = {
  type: 'sa-bench',
  argv: (recipe, model) => {
    const { benchmark: asked, resources } = recipe;
    const [prefill = 0, decode = 0] = workerGroups(resources).map(gpusOf);
    const separate = isDisaggregated(resources);
    const whole = separate ? prefill + decode : (resources.agg_nodes || 1) * resources.gpus_per_node;
    const list = asked.concurrencies ?? '';
    return [
      'bash',
      '/srtctl-benchmarks/sa-bench/bench.sh',
      `http://localhost:${publicPort}`,
      String(asked.isl ?? 0),
      String(asked.osl ?? 0),
      typeof list === 'string' ? list : list.join('x'),
      String(asked.req_rate || 'inf'),
      model.path,
      model.name,
      String(separate),
      String(whole),
      ...(separate ? [String(prefill), String(decode)] : ['0', '0']),
      String(asked.random_range_ratio ?? 0.8),
      String(asked.num_prompts_mult ?? 10),
      String(asked.num_warmup_mult ?? 2),
      asked.custom_tokenizer ?? '',
      String(asked.use_chat_template),
      asked.dataset_name ?? 'random',
      asked.dataset_path ?? '',
      String(asked.reuse_http_connections),
    ];
  },
  env: ({ recipe, kind, leaders, addressOf }) => {
    const { slow_down_sleep_time: sleep, slow_down_wait_time: wait } = recipe.benchmark;
    const decode = leaders.filter(({ role }) => role === 'decode');
    if (!(Number(sleep ?? 0) > 0 && Number(wait ?? 0) > 0)) return {};
    if (!kind.slowsDown || decode.length === 0) return {};
    return {
      SA_BENCH_SLOW_DOWN_URLS: decode
        .map(({ node, httpPort = 0 }) => `http://${addressOf(node)}:${httpPort}`)
        .join(','),
      SA_BENCH_SLOW_DOWN_SLEEP_TIME: String(sleep),
      SA_BENCH_SLOW_DOWN_WAIT_TIME: String(wait),
    };
  },
};

const shortRole: Readonly<Record<WorkerRole, string>> = { prefill: 'PREFILL', decode: 'DECODE', agg: 'AGG' };

/** The recipe's own command, which finds the workers in its variables. */
const custom: Benchmark = {
  type: 'custom',
  argv: ({ benchmark }) => (benchmark.command == null ? undefined : ['bash', '-lc', benchmark.command]),
  env: ({ recipe, kind, leaders, addressOf }) => {
    const workers = leaders.flatMap((one) => {
      const port = kind.metricsPort(one);
      return port === undefined ? [] : [{ role: one.role, host: addressOf(one.node), port }];
    });
    const urls = workers.map(({ host, port }) => `http://${host}:${port}/metrics`);
    const kvbm =
      recipe.backend.environmentOf('prefill').DYN_KVBM_METRICS_PORT ??
      recipe.backend.environmentOf('agg').DYN_KVBM_METRICS_PORT;
    const ofKvbm =
      kvbm === undefined
        ? []
        : leaders.flatMap(({ role, node }) =>
            role === 'decode' ? [] : [`http://${addressOf(node)}:${kvbm}/metrics`],
          );
    const all = [...new Set([...urls, ...ofKvbm])];
    return {
      ...Object.fromEntries(
        [...Map.groupBy(workers, ({ role }) => role)].flatMap(([role, own]) => [
          [`SRT_${shortRole[role]}_IPS`, own.map(({ host }) => host).join(',')],
          [`SRT_${shortRole[role]}_ENDPOINTS`, own.map(({ host, port }) => `${host}:${port}`).join(',')],
        ]),
      ),
      ...defined({ AIPERF_SERVER_METRICS_URLS: all.length === 0 ? undefined : all.join(',') }),
    };
  },
};

const benchmarks: readonly Benchmark[] = [fixedLengths, custom];

/** The types of benchmarks that a job can run. */
export const benchmarkTypes: readonly string[] = benchmarks.map(({ type }) => type);

/** The client of a job; undefined if the recipe has none, as with `manual`. */
export function clientOf(place: ClientPlace): ClientProcess | undefined {
  const { recipe } = place;
  const chosen = benchmarks.find(({ type }) => type === recipe.benchmark.type);
  const argv = chosen?.argv(recipe, place.model);
  if (chosen === undefined || argv === undefined) return undefined;
  const { telemetry } = recipe;
  return {
    argv,
    env: {
      SRTCTL_FRONTEND_TYPE: recipe.frontend.type,
      SRT_FRONTEND_HOST: place.addressOf(place.publicNode),
      SRT_FRONTEND_PORT: String(publicPort),
      ...recipeEnvironment(recipe),
      ...defined({
        SRT_MEASUREMENT_WINDOW_DIR: telemetry.enabled
          ? `/logs/${telemetry.storage_subdir}/windows`
          : undefined,
      }),
      ...chosen.env(place),
      ...recipe.benchmark.env,
    },
  };
}
