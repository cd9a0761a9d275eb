import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { z } from 'zod';
import { type ColumnType, createTable } from './table.ts';

const figures = ['mean', 'median', 'std', 'p90', 'p99', 'p999'];
const metrics = [
  'tput_per_gpu',
  'output_tput_per_gpu',
  'input_tput_per_gpu',
  ...['ttft', 'tpot', 'intvty', 'itl', 'e2el'].flatMap((metric) =>
    figures.map((figure) => `${figure}_${metric}`),
  ),
];
const layoutNumbers = ['tp', 'ep', ...phase('tp', 'ep', 'num_workers'), 'num_prefill_gpu', 'num_decode_gpu'];
const layoutTexts = ['dp_attention', ...phase('dp_attention')];
/** The order of layout fields in a configuration's key. */
const layout = [
  'tp',
  'ep',
  'dp_attention',
  ...['prefill', 'decode'].flatMap((name) =>
    ['tp', 'ep', 'dp_attention', 'num_workers'].map((field) => `${name}_${field}`),
  ),
  'num_prefill_gpu',
  'num_decode_gpu',
];

function phase(...fields: readonly string[]): string[] {
  return ['prefill', 'decode'].flatMap((name) => fields.map((field) => `${name}_${field}`));
}

const each = (names: readonly string[], type: ColumnType): Record<string, ColumnType> =>
  Object.fromEntries(names.map((name) => [name, type]));

/**
 * Stores everything known about a sweep, each metric in its own column, and the newest measurements. Data of
 * earlier versions is converted, with the keys that ingesting the same files again would produce.
 */
export const everythingOfASweep: Migration = {
  up: async (db: Kysely<Before & After>) => {
    for (const name of ['sweeps', 'points', 'measurements'] as const) {
      await db.schema.alterTable(name).renameTo(`old_${name}`).execute();
    }
    for (const index of ['points_by_configuration', 'points_by_sweep', 'measurements_by_sweep'])
      await db.schema.dropIndex(index).execute();
    await createTables(db);
    await takeOver(db);
    await db.schema.dropTable('old_points').execute();
    await db.schema.dropTable('old_measurements').execute();
    await db.schema.dropTable('old_sweeps').execute();
  },
};

async function createTables(db: Kysely<Before & After>): Promise<void> {
  const run = { command: 'text', source: 'text' } as const;
  await createTable(db, 'sweeps', {
    id: 'id',
    key: 'text',
    created_at: 'bigint',
    ...run,
    git_sha: 'text?',
    git_ref: 'text?',
    url: 'text?',
    location: 'text?',
    planned: 'integer?',
    state: 'text',
  });
  await createTable(db, 'configurations', {
    id: 'id',
    key: 'text',
    ...each(['model_prefix', 'hw', 'framework', 'precision', 'spec_decoding'], 'text'),
    ...each(['isl', 'osl', 'disagg', 'is_multinode', 'gpus'], 'integer'),
    ...each(layoutNumbers, 'integer?'),
    ...each(layoutTexts, 'text?'),
  });
  await createTable(db, 'environments', {
    id: 'id',
    ...each(['key', 'client', 'model', 'image'], 'text'),
    ...each(['image_digest', 'gpu', 'driver', 'host', 'git_sha', 'more'], 'text?'),
  });
  await createTable(
    db,
    'measurements',
    {
      id: 'id',
      key: 'text',
      raw_key: 'text?',
      sweep_id: 'integer',
      ...each(['configuration_id', 'environment_id', 'conc'], 'integer?'),
      measured_at: 'bigint',
      verdict: 'text',
      reasons: 'text?',
      duration_s: 'real?',
      ...each(['completed', 'failed', 'total_input_tokens', 'total_output_tokens'], 'bigint?'),
      ...each(metrics, 'real?'),
      ...each(['power_w', 'energy_j'], 'real?'),
      more: 'text?',
    },
    [
      'foreign key (sweep_id) references sweeps (id)',
      'foreign key (configuration_id) references configurations (id)',
      'foreign key (environment_id) references environments (id)',
    ],
  );
  const ofMeasurement = 'foreign key (measurement_id) references measurements (id)';
  const ofSweep = 'foreign key (sweep_id) references sweeps (id)';
  await createTable(db, 'documents', { measurement_id: 'integer', raw: 'bytes' }, [
    'primary key (measurement_id)',
    ofMeasurement,
  ]);
  await createTable(
    db,
    'latest',
    {
      configuration_id: 'integer',
      conc: 'integer',
      measurement_id: 'integer',
      measured_at: 'bigint',
      key: 'text',
    },
    ['primary key (configuration_id, conc)', ofMeasurement],
  );
  await createTable(
    db,
    'telemetry',
    {
      measurement_id: 'integer',
      device: 'text',
      metric: 'text',
      samples: 'integer',
      ...each(['mean', 'min', 'max'], 'real'),
    },
    ['primary key (measurement_id, device, metric)', ofMeasurement],
  );
  const outcome = { outcome: 'text', failure_class: 'text?', message: 'text?' } as const;
  await createTable(
    db,
    'engine_sessions',
    {
      id: 'id',
      sweep_id: 'integer',
      session_key: 'text',
      started_at: 'bigint',
      ended_at: 'bigint?',
      ready_after_s: 'real?',
      ...each(['hw', 'framework', 'image', 'model', 'runner', 'argv'], 'text'),
      ...outcome,
      log: 'text?',
    },
    ['unique (sweep_id, session_key, started_at)', ofSweep],
  );
  await createTable(
    db,
    'attempts',
    {
      id: 'id',
      sweep_id: 'integer',
      ...each(['session_key', 'point_key'], 'text'),
      attempt: 'integer',
      ...each(['configuration_id', 'conc'], 'integer?'),
      started_at: 'bigint',
      ended_at: 'bigint?',
      ...outcome,
      measurement_id: 'integer?',
    },
    ['unique (sweep_id, point_key, started_at)', ofSweep],
  );
  await createTable(
    db,
    'evals',
    {
      id: 'id',
      key: 'text',
      sweep_id: 'integer?',
      measured_at: 'bigint',
      model_prefix: 'text?',
      ...each(['model', 'hw', 'framework', 'precision', 'spec_decoding'], 'text'),
      ...each(['tp', 'ep', 'conc'], 'integer?'),
      dp_attention: 'text?',
      ...each(['task', 'metric'], 'text'),
      ...each(['score', 'score_se', 'score_low', 'score_high'], 'real?'),
      n: 'integer?',
      ...each(['revision', 'state', 'gate', 'gate_reason', 'source'], 'text?'),
      document: 'bytes',
    },
    ['unique (key)', ofSweep],
  );
  await createTable(
    db,
    'changelog_entries',
    {
      id: 'id',
      key: 'text',
      position: 'integer',
      ...each(['config_keys', 'description', 'pr_link'], 'text'),
      added_at: 'bigint?',
    },
    ['unique (key)'],
  );
  await createTable(
    db,
    'quarantine',
    {
      id: 'id',
      ...each(['key', 'source', 'file', 'reason'], 'text'),
      at: 'bigint',
      bytes: 'bigint',
      content: 'bytes?',
    },
    ['unique (key)'],
  );
  for (const table of ['sweeps', 'configurations', 'environments', 'measurements'])
    await index(db, `unique index ${table}_by_key on ${table} (key)`);
  await index(db, 'unique index measurements_by_raw_key on measurements (raw_key)');
  await index(db, 'index measurements_by_sweep on measurements (sweep_id, measured_at, id)');
  await index(db, 'index measurements_by_time on measurements (measured_at, id)');
  await index(
    db,
    'index measurements_by_configuration on measurements (configuration_id, conc, measured_at)',
  );
  await index(db, 'index configurations_by_model on configurations (model_prefix, isl, osl)');
  await index(db, 'index evals_by_time on evals (measured_at, id)');
}

async function index(db: Kysely<Before & After>, text: string): Promise<void> {
  await sql.raw(`create ${text}`).execute(db);
}

type Values = Readonly<Record<string, string | number | boolean>>;

/** The earlier tables, renamed. */
interface Before {
  readonly sweeps: object;
  readonly points: object;
  readonly old_sweeps: { readonly id: string; readonly created_at: string; readonly command: string };
  readonly old_points: { readonly id: string; readonly row: string };
  readonly old_measurements: {
    readonly id: string;
    readonly sweep_id: string;
    readonly measured_at: string;
    readonly verdict: string;
    readonly reasons: string;
    readonly raw: string;
  };
}

type AnyColumns = Readonly<Record<string, unknown>>;
interface After {
  readonly sweeps: AnyColumns & { readonly id: number; readonly key: string };
  readonly configurations: AnyColumns & { readonly id: number; readonly key: string };
  readonly environments: AnyColumns & { readonly id: number; readonly key: string };
  readonly measurements: AnyColumns & { readonly id: number; readonly key: string };
  readonly documents: AnyColumns;
  readonly latest: AnyColumns;
}

const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const rawSchema = z.looseObject({
  duration: z.number().nullish(),
  completed: z.number().nullish(),
  failed: z.number().nullish(),
  total_input_tokens: z.number().nullish(),
  total_output_tokens: z.number().nullish(),
});

async function takeOver(db: Kysely<Before & After>): Promise<void> {
  for (const { id, created_at, command } of await db.selectFrom('old_sweeps').selectAll().execute()) {
    await db
      .insertInto('sweeps')
      .values({ key: id, created_at: Date.parse(created_at), command, source: 'run', state: 'unknown' })
      .execute();
  }
  for (const { id } of await db.selectFrom('old_measurements').select('id').orderBy('id').execute()) {
    await takeOverMeasurement(db, id);
  }
  await sql`
    insert into latest (configuration_id, conc, measurement_id, measured_at, key)
    select configuration_id, conc, id, measured_at, key from (
      select measurements.*, row_number() over (
        partition by configuration_id, conc order by measured_at desc, key) as age
      from measurements where configuration_id is not null and verdict <> 'invalid') as ranked
    where age = 1`.execute(db);
}

async function takeOverMeasurement(db: Kysely<Before & After>, oldId: string): Promise<void> {
  const old = await db
    .selectFrom('old_measurements')
    .leftJoin('old_points', 'old_points.id', 'old_measurements.id')
    .selectAll('old_measurements')
    .select('old_points.row')
    .where('old_measurements.id', '=', oldId)
    .executeTakeFirstOrThrow();
  const row = old.row === null ? undefined : rowSchema.parse(JSON.parse(old.row));
  const raw = rawSchema.parse(JSON.parse(old.raw));
  const { id: sweepId } = await db
    .selectFrom('sweeps')
    .select('id')
    .where('key', '=', old.sweep_id)
    .executeTakeFirstOrThrow();
  const { duration, completed, failed, total_input_tokens, total_output_tokens } = raw;
  const columns = row === undefined ? undefined : await columnsOf(db, row);
  const inserted = await db
    .insertInto('measurements')
    .values({
      key: row === undefined ? old.id : rowKey(row),
      raw_key: old.id,
      sweep_id: sweepId,
      measured_at: Date.parse(old.measured_at),
      verdict: old.verdict,
      reasons: old.reasons === '[]' ? null : old.reasons,
      duration_s: duration,
      completed,
      failed,
      total_input_tokens,
      total_output_tokens,
      ...columns,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  // Of two raw results with the same row, the first is kept.
  if (inserted === undefined) return;
  await db
    .insertInto('documents')
    .values({ measurement_id: inserted.id, raw: Buffer.from(old.raw) })
    .execute();
}

const known = new Set([
  'hw',
  'conc',
  'image',
  'model',
  'infmax_model_prefix',
  'framework',
  'precision',
  'spec_decoding',
  'disagg',
  'isl',
  'osl',
  'is_multinode',
  ...layout,
  ...metrics.map((column) => column.replace(/^p999_/, 'p99.9_')),
]);

async function columnsOf(db: Kysely<Before & After>, row: Values): Promise<AnyColumns> {
  const truth = (name: string): number => (row[name] === true ? 1 : 0);
  const multinode = row.is_multinode === true;
  const identity = {
    model_prefix: row.infmax_model_prefix,
    hw: row.hw,
    framework: row.framework,
    precision: row.precision,
    spec_decoding: row.spec_decoding,
    isl: row.isl,
    osl: row.osl,
    disagg: truth('disagg'),
    is_multinode: truth('is_multinode'),
    ...Object.fromEntries(
      layout.map((name) => [name, layoutTexts.includes(name) ? lower(row[name]) : (row[name] ?? null)]),
    ),
  };
  const configuration = {
    key: shortKey(Object.values(identity)),
    ...identity,
    gpus: multinode ? Number(row.num_prefill_gpu) + Number(row.num_decode_gpu) : Number(row.tp ?? 1),
  };
  const served = ['inferencemax', row.model, row.image];
  const environment = {
    key: shortKey([...served, null, null, null, null, null, null]),
    client: 'inferencemax',
    model: row.model,
    image: row.image,
  };
  const asGiven = layoutTexts.filter((name) => row[name] !== undefined && row[name] !== lower(row[name]));
  const more = Object.entries(row).filter(([name]) => !known.has(name) || asGiven.includes(name));
  return {
    configuration_id: await idOf(db, 'configurations', configuration),
    environment_id: await idOf(db, 'environments', environment),
    conc: row.conc,
    ...Object.fromEntries(metrics.map((column) => [column, row[column.replace(/^p999_/, 'p99.9_')] ?? null])),
    more: more.length === 0 ? null : JSON.stringify(Object.fromEntries(more)),
  };
}

function lower(value: Values[string] | undefined): string | null {
  return value === undefined ? null : String(value).toLowerCase();
}

async function idOf(
  db: Kysely<Before & After>,
  table: 'configurations' | 'environments',
  values: AnyColumns & { readonly key: string },
): Promise<number> {
  await db
    .insertInto(table)
    .values(values as never)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  const { id } = await db
    .selectFrom(table)
    .select('id')
    .where('key', '=', values.key)
    .executeTakeFirstOrThrow();
  return id;
}

function rowKey(row: Values): string {
  const names = Object.keys(row).toSorted();
  const fields = names.map((name) => [name, row[name] ?? ''] as const);
  const texts = fields.filter(([, value]) => typeof value !== 'number').flat();
  const numbers = fields.flatMap(([, value]) => (typeof value === 'number' ? [value] : []));
  const doubles = Buffer.alloc(8 * numbers.length);
  for (const [index, number] of numbers.entries()) doubles.writeDoubleLE(number, 8 * index);
  return createHash('sha256')
    .update(JSON.stringify([names, texts]))
    .update(doubles)
    .digest('hex');
}

function shortKey(values: readonly unknown[]): string {
  return sha256(JSON.stringify(values)).slice(0, 16);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
