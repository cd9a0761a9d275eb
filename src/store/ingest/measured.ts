import { hash } from 'node:crypto';
import type { Insertable } from 'kysely';
import { z } from 'zod';
import { parseJson } from '../../bounded-json.ts';
import { isDatedAhead } from '../../dated-ahead.ts';
import { defined } from '../../defined/defined.ts';
import { verdictNamed, verdicts } from '../../derived/verdicts.ts';
import { type ColumnValue, environmentOfRow, isProduct, valueText } from '../../identity/index.ts';
import { rawResultFields } from '../../load/result-schema.ts';
import { type AggregateRow, parseAggregateRow } from '../../results/index.ts';
import { reasonFor } from '../../schema-words.ts';
import { configurationOf, type NewConfiguration, shortKey } from '../configuration.ts';
import { factsOf } from '../fact-columns.ts';
import type { EnvironmentTable } from '../schema.ts';
import type { IncomingMeasurement, RawFacts } from './incoming.ts';
import { isStorableText, requireGpus, requireStorable } from './storable.ts';
import { telemetryOf } from './telemetry.ts';

/** Whether a measurement can be trusted; invalid ones are kept but never published. */
export const verdictSchema = z.enum(verdicts);

/** The verdict in a raw result, which may use a name of an earlier version. */
const writtenVerdict = z.preprocess(
  (written) => (typeof written === 'string' ? (verdictNamed(written) ?? written) : written),
  verdictSchema,
);

const text = z.string().refine(isStorableText).optional().catch(undefined);

const provenanceSchema = z
  .looseObject({
    image: z.looseObject({ digest: text }).optional().catch(undefined),
    gpu: text,
    driver: text,
    host: text,
    node: text,
    git_sha: text,
    product: z.looseObject({ version: text, git_sha: text }).optional().catch(undefined),
  })
  .optional()
  .catch(undefined);

/** The node as found by telemetry (src/telemetry/environment.ts). */
const nodeSchema = z
  .looseObject({
    host: text,
    accelerators: z
      .looseObject({
        driver: text,
        devices: z.array(z.looseObject({ name: z.string().refine(isStorableText) })),
      })
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined);

const { shape: rawField } = rawResultFields;

/** The stored fields of a raw result; results of other tools have fewer. */
const rawSchema = z.looseObject({
  date: rawField.date,
  started_at: rawField.started_at.optional(),
  /** The tool of an imported result. */
  source: z
    .looseObject({ tool: z.string().refine(isStorableText) })
    .optional()
    .catch(undefined),
  fidelity: z.looseObject({ verdict: writtenVerdict, reasons: z.array(z.string()).default([]) }).default({
    verdict: 'unchecked',
    reasons: ['the client did not record its measurement error'],
  }),
  provenance: provenanceSchema,
  environment: nodeSchema,
  confidence_95: rawField.confidence_95.nullish().catch(null),
});
type Raw = z.infer<typeof rawSchema>;

/** Facts about a measurement from outside its files. */
export interface Surroundings {
  readonly file: string;
  /** Time of measurement if no raw result has one, Unix time in milliseconds. */
  readonly measuredAt: number;
  /** The configuration from the plan, for a measurement that never became a row. */
  readonly configuration?: NewConfiguration;
  readonly conc?: number;
}

const noRaw = 'only the aggregate row is available, without fidelity and exact time';

/**
 * Makes a measurement from its raw result's text and, unless it is invalid, its row. Throws an error with the
 * reason if that is impossible.
 */
export function measuredOf(
  rawText: string | undefined,
  rowValue: unknown,
  surroundings: Surroundings,
): IncomingMeasurement {
  const { file } = surroundings;
  if (rawText === undefined) {
    const row = parseRow(rowValue);
    return {
      file,
      key: rowKey(row),
      row,
      conc: row.conc,
      measuredAt: credible(surroundings.measuredAt),
      verdict: 'unchecked',
      reasons: [noRaw],
      configuration: configurationOf(row),
      environment: environmentOf(undefined, row),
    };
  }
  const raw = rawSchema.parse(parseJson(rawText));
  const { verdict, reasons } = raw.fidelity;
  // An invalid measurement never becomes a published row, even if a row is next to it.
  const row = rowValue === undefined || verdict === 'invalid' ? undefined : parseRow(rowValue);
  if (row === undefined && verdict !== 'invalid') throw new Error('it has no aggregate row');
  const configuration = row === undefined ? surroundings.configuration : configurationOf(row);
  const conc = row?.conc ?? surroundings.conc;
  const rawKey = sha256(rawText);
  return {
    file,
    key: row === undefined ? rawKey : rowKey(row),
    measuredAt: credible(measuredAt(raw)),
    verdict,
    reasons,
    raw: { key: rawKey, text: rawText, facts: rawFactsOf(raw) },
    ...defined({
      row,
      configuration,
      conc,
      environment: row === undefined ? undefined : environmentOf(raw, row),
    }),
  };
}

function parseRow(value: unknown): AggregateRow {
  try {
    const row = parseAggregateRow(value);
    requireStorable(row);
    requireGpus(row);
    return row;
  } catch (error) {
    throw new Error(`its aggregate row is invalid: ${reasonFor(error)}`);
  }
}

/**
 * SHA-256 of a row, independent of its formatting: with fields sorted by name, first the names and texts as
 * one JSON list, then the numbers as little-endian doubles. (Numbers as text would take five times as long.)
 */
export function rowKey(row: AggregateRow): string {
  const names = namesOf(row);
  const texts: (string | boolean | null)[] = [];
  const numbers: number[] = [];
  for (const name of names.sorted) {
    const value = row[name];
    if (typeof value === 'number') numbers.push(value);
    else if (value !== undefined) texts.push(name, isProduct(value) ? valueText(value) : value);
  }
  const text = `[${names.json},${JSON.stringify(texts)}]`;
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(text) + 8 * numbers.length);
  let at = bytes.write(text);
  for (const number of numbers) at = bytes.writeDoubleLE(number, at);
  return sha256(bytes);
}

/** The field names of a row, in their own and in sorted order, and the sorted ones as JSON. */
interface FieldNames {
  readonly own: readonly string[];
  readonly sorted: readonly string[];
  readonly json: string;
}

/** The names of the last row. Consecutive rows almost always have the same fields, which are sorted once. */
let lastNames: FieldNames = { own: [], sorted: [], json: '[]' };

function namesOf(row: AggregateRow): FieldNames {
  const own = Object.keys(row);
  const { own: last } = lastNames;
  const isSame = own.length === last.length && own.every((name, index) => name === last[index]);
  if (!isSame) {
    const sorted = own.toSorted();
    lastNames = { own, sorted, json: JSON.stringify(sorted) };
  }
  return lastNames;
}

/** SHA-256 of a text or bytes, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/**
 * Checks that a time is not in the future; otherwise it would stay the latest of its configuration forever.
 */
function credible(at: number): number {
  if (!isDatedAhead(at)) return at;
  const [measured, now] = [at, Date.now()].map((ms) => new Date(ms).toISOString());
  throw new Error(
    `it is dated ${measured}, and now it is ${now}: one of the two clocks is wrong; if it is this machine's, set it and ingest again, otherwise measure again`,
  );
}

/** When a measurement started: our exact time, else the public `YYYYMMDD-HHMMSS` in local time. */
function measuredAt({ started_at: startedAtS, date }: Raw): number {
  const compact = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/;
  const at =
    startedAtS === undefined ? Date.parse(date.replace(compact, '$1-$2-$3T$4:$5:$6')) : startedAtS * 1000;
  if (Number.isNaN(new Date(at).getTime())) throw new Error(`date '${date}' is not a date`);
  return Math.round(at);
}

function rawFactsOf(raw: Raw): RawFacts {
  return {
    columns: factsOf(raw),
    confidence95: raw.confidence_95 ?? null,
    telemetry: telemetryOf(raw.telemetry),
  };
}

/** Provenance fields that identify the measurement instead of its environment. */
const ownOfMeasurement = ['sweepId', 'sessionId', 'pointId', 'attempt', 'server'];

function environmentOf(raw: Raw | undefined, row: AggregateRow): Insertable<EnvironmentTable> {
  const { image, gpu, driver, host, node, git_sha: gitSha, ...rest } = raw?.provenance ?? {};
  const found = raw?.environment;
  const { digest, reference: _, ...imageRest } = image ?? {};
  const client = raw?.source?.tool ?? (raw?.started_at === undefined ? 'public' : 'inferencemax');
  const { model, image: served, ...later } = environmentOfRow(row);
  const values = {
    client,
    model,
    image: served,
    image_digest: digest ?? null,
    gpu: gpu ?? found?.accelerators?.devices[0]?.name ?? null,
    driver: driver ?? found?.accelerators?.driver ?? null,
    host: host ?? found?.host ?? node ?? null,
    git_sha: gitSha ?? rest.product?.git_sha ?? null,
    more: otherFacts({ ...rest, ...imageRest }),
  };
  return {
    key: shortKey([...Object.values(values), ...setLater(later)]),
    ...values,
    // It is already part of the key through `more`.
    product_version: rest.product?.version ?? null,
    ...later,
  };
}

/** Facts of a provenance without a column, as JSON; null if there are none. */
function otherFacts(facts: object): string | null {
  const more = Object.entries(facts).filter(([name]) => !ownOfMeasurement.includes(name));
  return more.length === 0 ? null : JSON.stringify(Object.fromEntries(more));
}

/**
 * The names and values of the fields that are set. Fields added later are part of a key only then, so that older keys stay
 * valid.
 */
function setLater(later: Readonly<Record<string, ColumnValue>>): readonly ColumnValue[] {
  return Object.entries(later).flatMap(([name, value]) => (value === null ? [] : [name, value]));
}
