import { z } from 'zod';
import { WrittenFloat } from '../config/index.ts';
import { backends } from './backends/list.ts';
import { frontendSchema } from './frontends/schema.ts';
import { environment, fields, nullable, only, text } from './schema-parts.ts';

const count = z.int().min(0, 'expected a whole number, 0 or more');
const positive = z.int().min(1, 'expected a whole number above 0');
/** A decimal number; a number such as 1.0 keeps its text. */
const decimal = z.union([z.number(), z.instanceof(WrittenFloat)]);

const model = z.strictObject({
  path: text,
  container: text,
  precision: text,
  stage_dir: nullable(text),
});

const identity = z.strictObject({
  model: z.strictObject({ repo: nullable(text), revision: nullable(text) }).exactOptional(),
  container: z.strictObject({ image: nullable(text) }).exactOptional(),
  frameworks: z.record(z.string(), text).exactOptional(),
});

const resources = z.strictObject({
  gpu_type: text,
  gpus_per_node: positive.default(4),
  prefill_nodes: nullable(count),
  prefill_workers: nullable(count),
  gpus_per_prefill: nullable(positive),
  decode_nodes: nullable(count),
  decode_workers: nullable(count),
  gpus_per_decode: nullable(positive),
  agg_nodes: nullable(count),
  agg_workers: nullable(count),
  gpus_per_agg: nullable(positive),
  spread_workers: z.boolean().default(false),
  het_jobs: nullable(z.boolean()),
});

const planes = ['nats', 'tcp', 'http'] as const;
const dynamo = z.strictObject({
  install: z.boolean().default(true),
  version: nullable(text),
  hash: nullable(text),
  top_of_tree: z.boolean().default(false),
  wheel: nullable(text.regex(/^[^/]+(?<!\.whl)$/, 'expected a version such as 1.2.0, not a file')),
  request_plane: z.enum(planes).default('tcp'),
  event_plane: nullable(z.enum(['nats', 'zmq'])),
  cargo_patches: nullable(z.array(text)),
});

const clientPlaces = ['head', 'first_decode', 'last_decode'] as const;
const benchmark = z.strictObject({
  type: text.default('manual'),
  isl: nullable(count),
  osl: nullable(count),
  concurrencies: nullable(
    z.union([z.array(positive), z.string().regex(/^\d+(?:x\d+)*$/, 'expected concurrencies such as 4x8x16')]),
  ),
  req_rate: nullable(z.union([z.string(), decimal])),
  client_placement: z.enum(clientPlaces).default('head'),
  client_dedicated_node: z.boolean().default(false),
  colocate_with_frontend: z.boolean().default(true),
  sweep: nullable(fields),
  num_examples: nullable(count),
  max_tokens: nullable(count),
  repeat: nullable(count),
  num_threads: nullable(count),
  max_context_length: nullable(count),
  categories: nullable(z.array(text)),
  num_shots: nullable(count),
  temperature: nullable(decimal),
  top_p: nullable(decimal),
  top_k: nullable(count),
  num_requests: nullable(count),
  concurrency: nullable(count),
  prefix_ratios: nullable(z.union([z.array(decimal), text])),
  mooncake_workload: nullable(text),
  ttft_threshold_ms: nullable(count),
  itl_threshold_ms: nullable(count),
  random_range_ratio: nullable(decimal),
  num_prompts_mult: nullable(count),
  num_warmup_mult: nullable(count),
  dataset_name: nullable(text),
  dataset_path: nullable(text),
  trace_file: nullable(text),
  custom_tokenizer: nullable(text),
  use_chat_template: z.boolean().default(true),
  reuse_http_connections: z.boolean().default(false),
  command: nullable(text),
  container_image: nullable(text),
  env: environment,
  aiperf_package: nullable(text),
  aiperf_args: fields.exactOptional(),
  export_node_metrics: z.boolean().exactOptional(),
  slow_down_sleep_time: nullable(decimal),
  slow_down_wait_time: nullable(decimal),
});

const exporter = z.strictObject({ container_image: text, port: positive, command: nullable(text) });
const telemetry = z.strictObject({
  enabled: z.boolean().default(false),
  dcgm_exporter: nullable(exporter),
  default_frequency: decimal.exactOptional(),
  storage_subdir: text.default('power'),
  required: z.boolean().exactOptional(),
  startup_timeout_seconds: decimal.exactOptional(),
  request_timeout_seconds: decimal.exactOptional(),
  collector_join_timeout_seconds: nullable(decimal),
});

const infra = z.strictObject({
  etcd_nats_dedicated_node: z.boolean().default(false),
  nats_max_payload_mb: nullable(positive),
});

/** The fields of one srt-slurm recipe (F15). */
export const srtRecipeSchema = z.strictObject({
  name: text,
  model,
  identity: identity.exactOptional(),
  resources,
  slurm: z
    .strictObject({ account: nullable(text), partition: nullable(text), time_limit: nullable(text) })
    .exactOptional(),
  backend: backends.prefault({}),
  frontend: frontendSchema.prefault({}),
  dynamo: dynamo.prefault({}),
  benchmark: benchmark.prefault({}),
  profiling: z.strictObject({ type: only('none') }).exactOptional(),
  output: z.strictObject({ log_dir: text.exactOptional() }).exactOptional(),
  health_check: z
    .strictObject({ max_attempts: positive.default(180), interval_seconds: positive.default(10) })
    .prefault({}),
  infra: infra.prefault({}),
  observability: z.strictObject({ enabled: z.literal(false).exactOptional() }).exactOptional(),
  telemetry: telemetry.prefault({}),
  environment,
  container_mounts: z.record(z.string(), z.string()).exactOptional(),
  extra_mount: nullable(z.array(text)),
  srun_options: z.record(z.string(), z.string()).exactOptional(),
  sbatch_directives: z.record(z.string(), z.string()).exactOptional(),
  enable_config_dump: z.boolean().default(true),
  setup_script: nullable(text),
  reporting: nullable(fields),
});

/** A recipe of srt-slurm: an engine on several nodes, its frontend and services, and what measures it. */
export type SrtRecipe = z.output<typeof srtRecipeSchema>;
export type SrtResources = SrtRecipe['resources'];
