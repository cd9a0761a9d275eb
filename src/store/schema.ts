import type { Generated } from 'kysely';
import type { ConfigurationColumns, EnvironmentColumns, SubjectColumns } from '../identity/index.ts';
import type { FactColumns } from './fact-columns.ts';
import type { MetricColumns } from './metric-columns.ts';

/**
 * The tables, the same in SQLite and PostgreSQL. `id` is a number of this store only; `key` is the public name of a
 * row, made of its content, and the same in every store. Times are milliseconds since 1970, truth values 0 or 1, and
 * lists and whatever has no column of its own are JSON text.
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

/** A run directory, a CI run, or an import: what brought measurements in together. */
export interface SweepTable {
  readonly id: Generated<number>;
  readonly key: string;
  readonly created_at: number;
  /** What started it, such as `quickstart`. */
  readonly command: string;
  /** One of `sources.ts`, such as `run`. */
  readonly source: string;
  readonly git_sha: string | null;
  /** Branch or tag. */
  readonly git_ref: string | null;
  /** URL of the CI run. */
  readonly url: string | null;
  /** Where the run directory is, on the host that ingested it; never part of an answer over the network. */
  readonly location: string | null;
  /** Points asked for; null where no plan is known. */
  readonly planned: number | null;
  /** `running`, `finished`, `interrupted` or `unknown`. */
  readonly state: string;
}

/** What makes two measurements the same configuration: everything asked for but the concurrency and the image. */
export type ConfigurationTable = ConfigurationColumns & {
  readonly id: Generated<number>;
  readonly key: string;
  /** Accelerators of the whole layout. */
  readonly gpus: number;
};

/** What was served, by what, on what, and what measured it. */
export type EnvironmentTable = EnvironmentColumns & {
  readonly id: Generated<number>;
  readonly key: string;
  /** Which tool measured: `inferencemax`, `vllm`, `sglang`, `aiperf`, `guidellm`, or `public` for public rows. */
  readonly client: string;
  readonly image_digest: string | null;
  /** The accelerator as the driver names it. */
  readonly gpu: string | null;
  readonly driver: string | null;
  readonly host: string | null;
  readonly git_sha: string | null;
  /** Of this product, if it measured; null also for what versions measured that did not say. */
  readonly product_version: string | null;
  /** Everything else that is known, as JSON. */
  readonly more: string | null;
};

/** One load test, whatever came of it. What never became a row (an invalid one) has no metrics. */
export interface MeasurementTable extends MetricColumns, FactColumns {
  readonly id: Generated<number>;
  /** SHA-256 of the aggregate row, its fields in order of their names; of the raw result where there is no row. */
  readonly key: string;
  /** SHA-256 of the raw result's file; null where only the row is known. */
  readonly raw_key: string | null;
  readonly sweep_id: number;
  readonly configuration_id: number | null;
  readonly environment_id: number | null;
  readonly conc: number | null;
  readonly measured_at: number;
  /** One of `src/derived/verdicts.ts`. */
  readonly verdict: string;
  /** Why it is not better, a JSON list of sentences; null for none. */
  readonly reasons: string | null;
  /** 95 % confidence intervals by the names of the raw result, as JSON; null for none. */
  readonly confidence_95: string | null;
  /** Fields of the aggregate row that have no column, as JSON. */
  readonly more: string | null;
}

/** The raw result of a measurement, in a table of its own so that no other query reads past it. */
export interface DocumentTable {
  readonly measurement_id: number;
  /** JSON as UTF-8, compressed where that was shorter. */
  readonly raw: Uint8Array;
}

/** Of every configuration at every concurrency the newest measurement that may be published; kept by ingest. */
export interface LatestTable {
  readonly configuration_id: number;
  readonly conc: number;
  readonly measurement_id: number;
  readonly measured_at: number;
  readonly key: string;
  /** Published measurements of all time, and when the first of them was made. */
  readonly points: number;
  readonly first_at: number;
}

/** One sampled figure of one device, over a measured window. */
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
  /** null when it never got ready. */
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
  /** The engine's log, below the run directory. */
  readonly log: string | null;
}

/** One try at one point. */
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

/** How many measurements, attempts or engine starts of a sweep ended in one way; kept by ingest. */
export interface CountTable {
  readonly sweep_id: number;
  /** `measurement`, `attempt` or `start`. */
  readonly kind: string;
  /** Empty where it is not known. */
  readonly hw: string;
  readonly framework: string;
  /** A measurement's verdict, or the outcome. */
  readonly outcome: string;
  /** Empty for none. */
  readonly failure_class: string;
  readonly count: number;
}

/** Jobs of a project's CI on one hardware that ended on one day; which engine they ran is not known. */
export interface JobCountTable {
  readonly id: Generated<number>;
  /** The source that told of them. */
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
  /** What the score is, such as `em_strict`. */
  readonly metric: string;
  /** 0 to 1; null where there was nothing to judge. */
  readonly score: number | null;
  /** The score's standard error, and its 95 % interval; null where they were not given. */
  readonly score_se: number | null;
  readonly score_low: number | null;
  readonly score_high: number | null;
  /** Questions answered. */
  readonly n: number | null;
  /** Scores are comparable only where the task's revision is equal. */
  readonly revision: string | null;
  /** `complete` or `incomplete`. */
  readonly state: string | null;
  /** `pass`, `fail` or `not-judged`, and why. */
  readonly gate: string | null;
  readonly gate_reason: string | null;
  readonly source: string | null;
  /** The eval row or record as it came: JSON as UTF-8, compressed where that was shorter. */
  readonly document: Uint8Array;
}

/** One entry of perf-changelog.yaml. */
export interface ChangelogEntryTable {
  readonly id: Generated<number>;
  readonly key: string;
  /** Place in the file, from 0; entries are only ever appended. */
  readonly position: number;
  /** A JSON list. */
  readonly config_keys: string;
  /** A JSON list. */
  readonly description: string;
  readonly pr_link: string;
  /** When it was added, where that is known. */
  readonly added_at: number | null;
}

/** A file that was not what it should be, kept with its reason. */
export interface QuarantineTable {
  readonly id: Generated<number>;
  readonly key: string;
  /** What was ingested. */
  readonly source: string;
  readonly file: string;
  readonly reason: string;
  readonly at: number;
  readonly bytes: number;
  /** Its content, unless it is too long to keep. */
  readonly content: Uint8Array | null;
}
