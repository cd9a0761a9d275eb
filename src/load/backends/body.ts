import type { EnvelopeSettings } from './backend.ts';

/**
 * The fields of a request's body after that of the prompt, as the end of a JSON object that has begun: what the user
 * adds is over what the backend has, and what the user leaves out is not there, wherever the backend has it.
 */
export function restOfBody(
  fields: Readonly<Record<string, unknown>>,
  { extraBody, omitFields = [] }: Pick<EnvelopeSettings, 'extraBody' | 'omitFields'>,
): string {
  let body: Record<string, unknown> = { ...fields, ...extraBody };
  for (const path of omitFields) body = without(body, path.split('.'));
  const json = JSON.stringify(body);
  return json === '{}' ? '}' : `,${json.slice(1)}`;
}

/**
 * The same of a body that has the usual fields at its top: the likeliest tokens, streamed. `limitField` is what the
 * backend calls the tokens asked for, `own` what only it has.
 */
export function restOfUsualBody(
  settings: EnvelopeSettings,
  limitField: string,
  own: Readonly<Record<string, unknown>> = {},
): string {
  const { model, outputTokens, ignoreEos, sampling, tokenLimitField = limitField } = settings;
  const fields = {
    model,
    [tokenLimitField]: outputTokens,
    temperature: 0,
    stream: true,
    ...own,
    ignore_eos: ignoreEos || undefined,
    ...sampling,
  };
  return restOfBody(fields, settings);
}

/** A copy without the field at a path; a name alone is also looked for inside the body's own objects. */
function without(body: object, [name = '', ...inner]: readonly string[]): Record<string, unknown> {
  const { [name]: found, ...rest }: Record<string, unknown> = { ...body };
  if (Object.hasOwn(body, name)) {
    return inner.length > 0 && isObject(found) ? { ...body, [name]: without(found, inner) } : rest;
  }
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      inner.length === 0 && isObject(value) && Object.hasOwn(value, name) ? without(value, [name]) : value,
    ]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
