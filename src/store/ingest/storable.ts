import { isLayoutField } from '../configuration.ts';

/** Whether PostgreSQL keeps a text, which may have neither U+0000 nor half a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** A text with what PostgreSQL does not keep replaced: log lines of an engine can hold anything. */
export function storableText(text: string): string {
  return isStorableText(text) ? text : text.toWellFormed().replaceAll('\0', '\uFFFD');
}

const largestInteger = 2 ** 31 - 1;

/** Throws an error that names the first field whose value no column can hold. */
export function requireStorable(row: object): void {
  for (const [field, value] of Object.entries(row)) {
    if (typeof value === 'string' && !isStorableText(value))
      throw new Error(`${field}: has a character that no database keeps`);
    if (typeof value !== 'number' || !isWhole(field)) continue;
    if (!Number.isInteger(value) || Math.abs(value) > largestInteger)
      throw new Error(`${field}: expected a whole number up to ${largestInteger}, found ${value}`);
  }
}

function isWhole(field: string): boolean {
  return field === 'conc' || field === 'isl' || field === 'osl' || field === 'n_eff' || isLayoutField(field);
}
