import type { Generated } from 'kysely';
import type { ConfigurationColumns, EnvironmentColumns, SubjectColumns } from '../identity/index.ts';
import type { FactColumns } from './fact-columns.ts';
import type { MetricColumns } from './metric-columns.ts';

/**
 * The tables, the same in SQLite and PostgreSQL. `id` is local to a store; `key` is the public id of a row,
 * derived from its content and the same in every store. Times are Unix times in milliseconds, booleans are 0
 * or 1, and lists and values without a column are JSON text.
 */
export interface Schema {
  readonly sweeps: SweepTable;
  readonly configurations: ConfigurationTable;
  readonly environments: EnvironmentTable;
  readonly measurements: MeasurementTable;
  readonly documents: DocumentTable;
  readonly latest: LatestTable;
  readonly telemetry: TelemetryTable;
  readonly engine_sessions: EngineSessionTable;
  readonly attempts: AttemptTable;
  readonly counts: CountTable;
  readonly evals: EvalTable;
  readonly job_counts: JobCountTable;
  readonly changelog_entries: ChangelogEntryTable;
  readonly quarantine: QuarantineTable;
}

/** A run directory, a CI run, or an import: the origin of a set of measurements. */
export interface SweepTable {
  readonly id: Generated<number>;
  readonly key: string;
  readonly created_at: number;
  /** The command that started it, such as `quickstart`. */
  readonly command: string;
  /** One of `sources.ts`, such as `run`. */
  readonly source: string;
  readonly git_sha: string | null;
  /** Branch or tag. */
  readonly git_ref: string | null;
  /** URL of the CI run. */
  readonly url: string | null;
  /** The run directory on the host that ingested it; must never be sent over the network. */
  readonly location: string | null;
  /** Number of planned points; null if the plan is unknown. */
  readonly planned: number | null;
  /** `running`, `finished`, `interrupted` or `unknown`. */
  readonly state: string;
}

/** A configuration: everything requested except the concurrency and the image. */
export type ConfigurationTable = ConfigurationColumns & {
  readonly id: Generated<number>;
  readonly key: string;
  /** Accelerators of the whole layout. */
  readonly gpus: number;
};

/** The environment of measurements: what was served, by what, on what, and the tool that measured. */
export type EnvironmentTable = EnvironmentColumns & {
  readonly id: Generated<number>;
  readonly key: string;
  /**
   * The tool that measured: `inferencemax`, `vllm`, `sglang`, `aiperf`, `guidellm`, or `public` for public
   * rows.
   */
  readonly client: string;
  readonly image_digest: string | null;
  /** The accelerator's name from the driver. */
  readonly gpu: string | null;
  readonly driver: string | null;
  readonly host: string | null;
  readonly git_sha: string | null;
  /**
   * The InferenceMAX version that measured; null for other tools, and for old versions that did not record
   * it.
   */
  readonly product_version: string | null;
  /** Other known facts, as JSON. */
  readonly more: string | null;
};

/** One load test, whatever its result. One without a row (an invalid one) has no metrics. */
export interface MeasurementTable extends MetricColumns, FactColumns {
  readonly id: Generated<number>;
  /** SHA-256 of the aggregate row with its fields sorted by name, or of the raw result if there is no row. */
  readonly key: string;
  /** SHA-256 of the raw result's file; null if only the row is known. */
  readonly raw_key: string | null;
  readonly sweep_id: number;
  readonly configuration_id: number | null;
  readonly environment_id: number | null;
  readonly conc: number | null;
  readonly measured_at: number;
  /** One of `src/derived/verdicts.ts`. */
  readonly verdict: string;
  /** The reasons for the verdict, a JSON list of sentences; null if there are none. */
  readonly reasons: string | null;
  /** 95 % confidence intervals by the names of the raw result, as JSON; null if there are none. */
  readonly confidence_95: string | null;
  /** Fields of the aggregate row that have no column, as JSON. */
  readonly more: string | null;
}

/** The raw result of a measurement, in a separate table so that other queries do not read it. */
export interface DocumentTable {
  readonly measurement_id: number;
  /** JSON in UTF-8, compressed if that is shorter. */
  readonly raw: Uint8Array;
}

/**
 * The newest publishable measurement of every configuration at every concurrency; kept up to date by ingest.
 */
export interface LatestTable {
  readonly configuration_id: number;
  readonly conc: number;
  readonly measurement_id: number;
  readonly measured_at: number;
  readonly key: string;
  /** Number of published measurements, and the time of the first. */
  readonly points: number;
  readonly first_at: number;
}

/** One sampled figure of one device over a measured window. */
export interface TelemetryTable {
  readonly measurement_id: number;
  /** Such as `gpu0` or `engine`. */
  readonly device: string;
  /** With its unit, such as `power_w` or `kv_cache_usage_share`. */
  readonly metric: string;
  readonly samples: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** One start of an engine. */
export interface EngineSessionTable {
  readonly id: Generated<number>;
  readonly sweep_id: number;
  readonly session_key: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  /** Null if it never became ready. */
  readonly ready_after_s: number | null;
  readonly hw: string;
  readonly framework: string;
  readonly image: string;
  readonly model: string;
  readonly runner: string;
  /** The server's command line, a JSON list. */
  readonly argv: string;
  /** `running`, `stopped` or `failed`. */
  readonly outcome: string;
  readonly failure_class: string | null;
  readonly message: string | null;
  /** The engine's log, relative to the run directory. */
  readonly log: string | null;
}

/** One attempt at one point. */
export interface AttemptTable {
  readonly id: Generated<number>;
  readonly sweep_id: number;
  readonly session_key: string;
  readonly point_key: string;
  readonly attempt: number;
  readonly configuration_id: number | null;
  readonly conc: number | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  /** `running`, `finished`, `failed` or `interrupted`. */
  readonly outcome: string;
  readonly failure_class: string | null;
  readonly message: string | null;
  readonly measurement_id: number | null;
}

/** Number of measurements, attempts or engine starts of a sweep by outcome; kept up to date by ingest. */
export interface CountTable {
  readonly sweep_id: number;
  /** `measurement`, `attempt` or `start`. */
  readonly kind: string;
  /** Empty if unknown. */
  readonly hw: string;
  readonly framework: string;
  /** A measurement's verdict, or the outcome of an attempt or start. */
  readonly outcome: string;
  /** Empty without a failure. */
  readonly failure_class: string;
  readonly count: number;
}

/** CI jobs of a project on one hardware type that ended on one day; their engine is unknown. */
export interface JobCountTable {
  readonly id: Generated<number>;
  /** The source of the counts. */
  readonly source: string;
  readonly hw: string;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly ended: number;
  readonly succeeded: number;
}

/** One score of one accuracy task. */
export interface EvalTable extends SubjectColumns {
  readonly id: Generated<number>;
  readonly key: string;
  readonly sweep_id: number | null;
  readonly measured_at: number;
  readonly task: string;
  /** The name of the score, such as `em_strict`. */
  readonly metric: string;
  /** 0 to 1; null if there was nothing to judge. */
  readonly score: number | null;
  /** The score's standard error and 95 % interval; null if they were not given. */
  readonly score_se: number | null;
  readonly score_low: number | null;
  readonly score_high: number | null;
  /** Questions answered. */
  readonly n: number | null;
  /** Scores are comparable only if the task's revision is the same. */
  readonly revision: string | null;
  /** `complete` or `incomplete`. */
  readonly state: string | null;
  /** `pass`, `fail` or `not-judged`, and the reason. */
  readonly gate: string | null;
  readonly gate_reason: string | null;
  readonly source: string | null;
  /** The original eval row or record: JSON in UTF-8, compressed if that is shorter. */
  readonly document: Uint8Array;
}

/** One entry of perf-changelog.yaml. */
export interface ChangelogEntryTable {
  readonly id: Generated<number>;
  readonly key: string;
  /** Position in the file, from 0; entries are only ever appended. */
  readonly position: number;
  /** A JSON list. */
  readonly config_keys: string;
  /** A JSON list. */
  readonly description: string;
  readonly pr_link: string;
  /** When it was added, if known. */
  readonly added_at: number | null;
}

/** A rejected file, with the reason. */
export interface QuarantineTable {
  readonly id: Generated<number>;
  readonly key: string;
  /** The path that was ingested. */
  readonly source: string;
  readonly file: string;
  readonly reason: string;
  readonly at: number;
  readonly bytes: number;
  /** Its content, unless it is too large. */
  readonly content: Uint8Array | null;
}
