/** The value under a key when the value is an object, else undefined. */
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

export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
