/**
 * A value as text, as Python writes it for developers: `'complete'`, `None`, `True`, `[1, 2]`. Objects with their own
 * text, such as a float that keeps its spelling, are written as that.
 */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return String(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${quoted(key)}: ${pythonText(one)}`)
    .join(', ')}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}
