import { metricsPublishers } from '../engines/index.ts';
import { rowFields as identityRowFields, type RowField } from '../identity/index.ts';
import {
  publicArgs,
  publicDigest,
  publicId,
  publicReference,
  publicText,
  publicVariables,
  publicWord,
} from './privacy.ts';
import { hidden, isSecret } from './secrets.ts';

/** How a field is made public. A field without any of these has no public texts. */
interface PublicField {
  /** The public form of a text; undefined if the text does not have the expected form. */
  readonly text?: (text: string) => string | undefined;
  /** The public form of a list of texts as a whole, such as a command line. */
  readonly words?: (texts: readonly string[]) => readonly string[];
  readonly variables?: (variables: Readonly<Record<string, string>>) => Record<string, string>;
  /** The public fields of a record, or of each record of a list. */
  readonly fields?: PublicFields;
}
/** The public fields of a record by name; texts of other fields are hidden. */
export type PublicFields = Readonly<Record<string, PublicField>>;

const word = { text: publicWord };
const id = { text: publicId };
const digest = { text: publicDigest };
/** The name of a model, an image or a file. */
const reference = { text: publicReference };
/** A fact or a reason in words. */
const words = { text: publicText };
const variables = { variables: publicVariables };
const commandLine = { words: publicArgs };
const of = (fields: PublicFields): PublicField => ({ fields });

/** The publisher of metrics, if it is one that InferenceMAX knows. */
export function publicPublisher(text: string): string | undefined {
  return metricsPublishers.find((name) => name === text);
}

/** Facts about the machine and the software of a measurement. */
export const environmentFields: PublicFields = {
  client: word,
  model: reference,
  image: reference,
  image_digest: digest,
  gpu: words,
  driver: word,
  host: id,
  git_sha: digest,
  kernel: word,
  os: words,
  platform: words,
  node_version: word,
  cpu: { ...words, fields: { model: words } },
  product: of({ name: word, version: word, git_sha: digest }),
  accelerators: of({ vendor: word, driver: word, devices: of({ name: words }) }),
  sha256: digest,
  content_sha256: digest,
  converted_from_sha256: digest,
  reference,
  digest: digest,
  node: id,
  nodes: id,
  env: variables,
};

/**
 * Public texts of raw results, from our load generator and from imported ones. Figures are always public,
 * texts only if listed here.
 */
export const rawFields: PublicFields = {
  date: words,
  started_at: words,
  backend: word,
  endpoint_type: word,
  label: words,
  model_id: reference,
  model: reference,
  tokenizer_id: reference,
  tokenizer: reference,
  request_rate: word,
  verdict: word,
  dataset_name: word,
  steady_state: of({ method: words }),
  agentic: of({ corpus: words, submission_invalid_reasons: words, overrides: words }),
  fidelity: of({ verdict: word, reasons: words, clock: of({ name: words }) }),
  source: of({ tool: word, version: word, form: words }),
  telemetry: of({ unavailable: words }),
  server_metrics: of({ state: word, engine: { text: publicPublisher }, reason: words, notes: words }),
  environment: of(environmentFields),
  env: variables,
  args: commandLine,
  profile_files: reference,
  provenance: of({
    ...environmentFields,
    client: of({ host: id, platform: words, cpu: words }),
    sweepId: id,
    sessionId: id,
    pointId: id,
    server: of({ args: commandLine, env: variables, files: of({ path: reference }) }),
    engine_version: word,
    image: of({ reference, id: digest, digest: digest, version: word }),
    model: of({
      reference,
      sha256: digest,
      content_sha256: digest,
      converted_from_sha256: digest,
      revision: word,
    }),
  }),
};

const product = of({ name: word, version: word });

/**
 * How an identity field is made public: names of what was served as references, other fields as single words.
 */
function publicIdentity({ line: { type, part } }: RowField): PublicField {
  if (type === 'product') return product;
  return part === 'none' ? reference : word;
}

/** Public texts of an aggregate row. */
export const rowFields: PublicFields = {
  ...Object.fromEntries(identityRowFields.map((field) => [field.row, publicIdentity(field)])),
  runner: word,
  prefill_dp_attn: word,
  decode_dp_attn: word,
  verdict: word,
  run_url: reference,
  ended_by: word,
  slo_limits: words,
  workload_definition: words,
};

/** Deeper levels are hidden: no measured value is nested so deeply, and every level uses stack space. */
const deepest = 64;

/** The public form of a record: its figures, and the texts of public fields. */
export function publicRecord(
  record: Readonly<Record<string, unknown>>,
  fields: PublicFields,
  levels = deepest,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => isFieldName(name))
      .map(([name, value]) => {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        return [
          name,
          field === undefined && isSecret(name)
            ? withoutValues(value, levels)
            : publicValue(value, field, levels - 1),
        ];
      }),
  );
}

/** Field names are shown, so keys that are addresses or texts are dropped. */
function isFieldName(name: string): boolean {
  return /^[\w%. -]{1,80}$/.test(name) && publicText(name) === name;
}

function publicValue(value: unknown, field: PublicField = {}, levels = deepest): unknown {
  if (levels === 0 && typeof value === 'object' && value !== null) return hidden;
  if (typeof value === 'string') return value === hidden ? value : (field.text?.(value) ?? hidden);
  if (Array.isArray(value)) {
    const { words: asWords } = field;
    if (asWords === undefined) return value.map((one) => publicValue(one, field, levels - 1));
    return asWords(value.filter((one) => typeof one === 'string'));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { variables: asVariables, fields = {} } = field;
  return asVariables === undefined
    ? publicRecord({ ...value }, fields, levels)
    : asVariables(textsOf({ ...value }));
}

/** Hides all texts and figures of a value whose name is that of a secret and that has no public form. */
function withoutValues(value: unknown, levels: number): unknown {
  if (Array.isArray(value) && levels > 0) return value.map((one) => withoutValues(one, levels - 1));
  return value === null || typeof value === 'boolean' ? value : hidden;
}

function textsOf(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
