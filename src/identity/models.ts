/** A model as the product, the public project and people call it. */
export interface NamedModel {
  /** As configs and rows have it. */
  readonly prefix: string;
  /** For people. */
  readonly title: string;
  /** What the public project's API is asked by. Point releases share one. */
  readonly published?: string;
  /** What the API's rows call it, where that is not the prefix. */
  readonly publishedKey?: string;
}

/** Every model whose name is known; one that is not here goes by its prefix. */
export const models: readonly NamedModel[] = [
  { prefix: 'dsr1', title: 'DeepSeek R1 0528', published: 'DeepSeek-R1-0528' },
  { prefix: 'dsv4', title: 'DeepSeek V4 Pro', published: 'DeepSeek-V4-Pro' },
  { prefix: 'glm5', title: 'GLM 5', published: 'GLM-5' },
  { prefix: 'glm5.1', title: 'GLM 5.1', published: 'GLM-5' },
  { prefix: 'gptoss', title: 'gpt-oss 120B', published: 'gpt-oss-120b', publishedKey: 'gptoss120b' },
  { prefix: 'kimik2.5', title: 'Kimi K2.5', published: 'Kimi-K2.5' },
  { prefix: 'kimik2.6', title: 'Kimi K2.6', published: 'Kimi-K2.5' },
  { prefix: 'llama70b', title: 'Llama 3.3 70B Instruct', published: 'Llama-3.3-70B-Instruct-FP8' },
  { prefix: 'minimaxm2.5', title: 'MiniMax M2.5', published: 'MiniMax-M2.5' },
  { prefix: 'minimaxm2.7', title: 'MiniMax M2.7', published: 'MiniMax-M2.5' },
  { prefix: 'minimaxm3', title: 'MiniMax M3', published: 'MiniMax-M3' },
  { prefix: 'qwen3.5', title: 'Qwen 3.5 397B A17B', published: 'Qwen-3.5-397B-A17B' },
  { prefix: 'smollm2', title: 'SmolLM2 135M Instruct' },
];

/** What people call a model; its prefix where no name is known. */
export function modelTitle(prefix: string): string {
  return models.find((model) => model.prefix === prefix)?.title ?? prefix;
}

/** The model that a row of the public API is of. */
export function publishedModel(key: string): NamedModel {
  return (
    models.find(({ prefix, publishedKey }) => (publishedKey ?? prefix) === key) ?? { prefix: key, title: key }
  );
}

/** What the public API is asked for a model by. */
export function publishedName(prefix: string): string {
  return models.find((model) => model.prefix === prefix)?.published ?? prefix;
}

/** The models that somebody means, by whatever name: a prefix, a title, or the public project's name for several. */
export function modelsMeant(name: string): readonly NamedModel[] {
  const wanted = plain(name);
  return models.filter(({ prefix, title, published, publishedKey }) =>
    [prefix, title, published, publishedKey].some((one) => one !== undefined && plain(one) === wanted),
  );
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}
