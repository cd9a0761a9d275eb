import { stringify } from 'yaml';

const written = new Map<string, string>();

/** A JSON value as YAML. Results are cached, because a plan requests few different values thousands of times. */
export function yamlText(value: object, options: { readonly lineWidth?: number } = {}): string {
  const key = JSON.stringify([value, options]);
  const text = written.get(key) ?? stringify(value, options);
  written.set(key, text);
  return text;
}
