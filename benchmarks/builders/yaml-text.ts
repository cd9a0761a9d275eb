import { stringify } from 'yaml';

const written = new Map<string, string>();

/** A value of JSON as YAML. A plan asks for few different ones, thousands of times. */
export function yamlText(value: object, options: { readonly lineWidth?: number } = {}): string {
  const key = JSON.stringify([value, options]);
  const text = written.get(key) ?? stringify(value, options);
  written.set(key, text);
  return text;
}
