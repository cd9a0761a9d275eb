import { z } from 'zod';
import { publishedModel } from './models.ts';
import type { RowIdentity } from './row.ts';
import {
  entryRowFields,
  type Line,
  nodeRowFields,
  type Role,
  type RowField,
  roleRowFields,
  roles,
  rowFields,
} from './spelling.ts';
import { subjectNamed } from './subject.ts';
import { type RowValue, valueTypes } from './values.ts';

/**
 * The identity in the public project's API: the fields of January's contract, with role fields for every engine and
 * JSON types. Three fields have other names than in rows.
 */
const otherNames: Readonly<Partial<Record<Line['name'], string>>> = {
  hw: 'hardware',
  modelPrefix: 'model',
  specDecoding: 'spec_method',
};
/** Fields that the API lacks: it has no checkpoint, and no image for two thirds of its rows. */
const unsaid: readonly Line['name'][] = ['model', 'image'];

const nameOf = ({ line, row }: RowField): string => otherNames[line.name as Line['name']] ?? row;
const isSaid = ({ line }: RowField) => line.optional !== true && !unsaid.some((name) => name === line.name);

const entryFields = entryRowFields.filter(isSaid);
const roleFields = roleRowFields.filter(isSaid);
/** Worker counts are 0 in rows that do not separate roles. */
const isWorkers = ({ line }: RowField) => line.name === 'numWorkers';
const isGpus = ({ line }: RowField) => line.name === 'gpus';

const schemaOf = (field: RowField): z.ZodType =>
  isWorkers(field) ? z.int().nonnegative() : valueTypes[field.line.type].entrySchema;

const shapeOf = (fields: readonly RowField[]) =>
  Object.fromEntries(fields.map((field) => [nameOf(field), schemaOf(field)]));

type Values = Readonly<Record<string, unknown>>;

/** The identity fields of a benchmark row of the API; it also has metrics and the run. */
export const publishedPoint: z.ZodType<Values> = z.looseObject({
  ...shapeOf([...entryFields, ...roleFields]),
  image: z.string().nullish(),
});

/** The identity fields of an accuracy score of the API. */
export const publishedScore: z.ZodType<Values> = z.looseObject(
  shapeOf([
    ...entryFields.filter(
      ({ line }) => line.part === 'curve' || line.name === 'modelPrefix' || line.name === 'conc',
    ),
    ...roleFields.filter((field) => !isWorkers(field) && !isGpus(field)),
  ]),
);

/** The identity fields of a configuration measured on a day. */
export const publishedDay: z.ZodType<Values> = z.looseObject(
  shapeOf(entryFields.filter(({ line }) => line.part === 'chart')),
);

/** The number of GPUs for prefill and decode. */
export type RoleGpus = Readonly<Record<Role, number>>;

/** The GPUs of an engine whose row has roles but does not separate them: each role has the total. */
export function undividedGpus(values: Values): number | undefined {
  const workers = roleFields.filter(isWorkers);
  const counts = roleFields.filter(isGpus).map((field) => Number(values[nameOf(field)]));
  const isDivided = workers.some((field) => values[nameOf(field)] !== 0) || new Set(counts).size > 1;
  return values.disagg === true && !isDivided ? counts[0] : undefined;
}

/**
 * The identity of a point in the API. An engine with roles spans several nodes, as in configs; if its roles are not
 * separated, `split` gives the GPUs of each, and the rest of its layout is unknown.
 */
export function publishedIdentity(values: Values, split: RoleGpus | undefined): RowIdentity {
  const model = publishedModel(String(values.model));
  const multinode = values.is_multinode === true || values.disagg === true;
  const read = (field: RowField): RowValue | undefined => {
    if (field.line.name === 'image') return typeof values.image === 'string' ? values.image : unknownImage;
    if (field.line.name === 'model') return model.published ?? model.prefix;
    if (field.line.name === 'modelPrefix') return model.prefix;
    if (field.line.name === 'multinode') return multinode;
    if (field.line.name === 'hw') return String(values[nameOf(field)]).toLowerCase();
    if (field.role !== undefined && split !== undefined) return isGpus(field) ? split[field.role] : undefined;
    // For an engine without roles, both roles have its values.
    const value =
      values[field.line.of === 'layout' && field.role === undefined ? ofRole(field) : nameOf(field)];
    return isValue(value) ? value : undefined;
  };
  const fields = [...entryRowFields, ...(multinode ? roleRowFields : nodeRowFields)];
  return Object.fromEntries(
    fields
      .filter(({ line }) => line.optional !== true)
      .flatMap((field): [string, RowValue][] => {
        const value = read(field);
        return value === undefined ? [] : [[field.row, valueTypes[field.line.type].toRow(value)]];
      }),
  ) as RowIdentity;
}

function ofRole({ line }: RowField): string {
  return rowFields.find((one) => one.line === line && one.role === roles[0])?.row ?? line.name;
}

function isValue(value: unknown): value is RowValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** The image in a row if none was recorded. */
export const unknownImage = 'unknown';

/** The subject of an accuracy score; for an engine with roles, its decode workers. */
export function publishedSubject(values: Values) {
  const { hardware, framework, precision, spec_method: specDecoding, conc } = values;
  const { decode_tp: tp, decode_ep: ep, decode_dp_attention: dpAttention } = values;
  const { published, prefix: modelPrefix } = publishedModel(String(values.model));
  const subject = { framework, precision, specDecoding, conc, tp, ep, dpAttention, modelPrefix };
  return subjectNamed({ ...subject, model: published ?? modelPrefix, hw: String(hardware).toLowerCase() });
}
