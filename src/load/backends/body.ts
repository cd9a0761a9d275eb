import type { EnvelopeSettings } from './backend.ts';

/**
 * The remaining fields of a request's body after the prompt, as the end of a JSON object. Fields that the user adds
 * override the backend's; fields that the user omits are removed wherever the backend has them.
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
 * The same for a body with the usual fields at top level: greedy sampling, streamed. `limitField` is the backend's name
 * for the number of tokens to generate, `own` its additional fields.
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

/** A copy without the field at a path. A single name is also looked up inside the body's own objects. */
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
