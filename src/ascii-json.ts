import { inOrderOfNames } from './in-order-of-names.ts';

/**
 * JSON with sorted keys, no spaces, and every character outside printable ASCII escaped, as Python's
 * `json.dumps(value, sort_keys=True, separators=(",", ":"))` writes it.
 *
 * @example
 * asciiJson({ b: 'é', a: 1 }); // {"a":1,"b":"\\u00e9"}
 */
export function asciiJson(value: unknown, replacer?: (name: string, value: unknown) => unknown): string {
  return JSON.stringify(inOrderOfNames(value), replacer).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
