import type { IndexDocument } from '../../../src/server/api.ts';

/** Display names of keys; a key without a name is shown as it is. */
export interface Names {
  readonly model: (prefix: string) => string;
  readonly engine: (framework: string) => string;
  readonly hardware: (hw: string) => string;
}

export function namesIn(index: Pick<IndexDocument, 'names'> | undefined): Names {
  const titles = (pairs: readonly (readonly [key: string, title: string])[] = []) => {
    const known = new Map(pairs);
    return (key: string) => known.get(key) ?? key;
  };
  return {
    model: titles(index?.names.models.map(({ prefix, title }) => [prefix, title])),
    engine: titles(index?.names.engines.map(({ framework, title }) => [framework, title])),
    hardware: titles(index?.names.hardware.map(({ hw, title }) => [hw, title])),
  };
}
