import { throughputs } from './measures.ts';

/** What the reader chose; the whole of it is in the page's address. */
export interface ViewState {
  readonly modelPrefix: string;
  /** `ISL/OSL`. */
  readonly shape: string;
  readonly throughput: string;
}

/** Reads an address, taking the first possibility for whatever it does not say or says wrongly. */
export function viewStateFrom(
  hash: string,
  choices: {
    readonly modelPrefixes: readonly string[];
    readonly shapesOf: (modelPrefix: string) => readonly string[];
  },
): ViewState {
  const asked = new URLSearchParams(hash.replace(/^#/, ''));
  const one = (name: string, known: readonly string[]) => {
    const value = asked.get(name);
    return value !== null && known.includes(value) ? value : (known[0] ?? '');
  };
  const modelPrefix = one('model', choices.modelPrefixes);
  return {
    modelPrefix,
    shape: one('shape', choices.shapesOf(modelPrefix)),
    throughput: one(
      'throughput',
      throughputs.map(({ key }) => key),
    ),
  };
}

export function hashOf({ modelPrefix, shape, throughput }: ViewState): string {
  return `#${new URLSearchParams({ model: modelPrefix, shape, throughput })}`;
}
