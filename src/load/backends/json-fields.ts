/** The value under a key if the value is an object, else undefined. */
export function objectAt(value: unknown, key: string): object | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'object' && found !== null ? found : undefined;
}

export function numberAt(value: unknown, key: string): number | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

export function stringAt(value: unknown, key: string): string | undefined {
  const found = fieldOf(value, key);
  return typeof found === 'string' ? found : undefined;
}

export function listAt(value: unknown, key: string): readonly unknown[] | undefined {
  const found: unknown = fieldOf(value, key);
  return Array.isArray(found) ? found : undefined;
}

export function fieldOf(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

/** Whether a value of parsed JSON is an object or a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The index under which an event names a choice; `position` if it names none that can be right. */
export function choiceIndexOf(value: unknown, position: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < mostChoices
    ? value
    : position;
}

const mostChoices = 65_536;
