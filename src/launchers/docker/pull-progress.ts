/** Counts the layers of a `docker pull` from the lines that it prints without a terminal. */
export class PullProgress {
  readonly #done = new Map<string, boolean>();

  /** Layers that are complete, and all layers; undefined if the line does not change that. */
  line(text: string): { readonly done: number; readonly of: number } | undefined {
    const [, layer, state] = /^([0-9a-f]{6,}): (.+)$/.exec(text) ?? [];
    if (layer === undefined || state === undefined) return undefined;
    const done = /^(Pull complete|Already exists)/.test(state);
    if (this.#done.get(layer) === done) return undefined;
    this.#done.set(layer, done);
    return { done: [...this.#done.values()].filter(Boolean).length, of: this.#done.size };
  }
}
