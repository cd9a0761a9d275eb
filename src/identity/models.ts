/** The names of a model here, in the public project and for people. */
export interface NamedModel {
  /** The name in configs and rows. */
  readonly prefix: string;
  /** The display name. */
  readonly title: string;
  /** The name for queries to the public project's API. Point releases share one. */
  readonly published?: string;
  /** The name in the API's rows, if it differs from the prefix. */
  readonly publishedKey?: string;
}

/** All models with a known display name; other models are shown by their prefix. */
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

/** The display name of a model; its prefix if it has none. */
export function modelTitle(prefix: string): string {
  return models.find((model) => model.prefix === prefix)?.title ?? prefix;
}

/** The model that a row of the public API belongs to. */
export function publishedModel(key: string): NamedModel {
  return (
    models.find(({ prefix, publishedKey }) => (publishedKey ?? prefix) === key) ?? { prefix: key, title: key }
  );
}

/** The name of a model for queries to the public API. */
export function publishedName(prefix: string): string {
  return models.find((model) => model.prefix === prefix)?.published ?? prefix;
}

/** The models that a user means by a prefix, a title, or the public project's name, which may cover several. */
export function modelsMeant(name: string): readonly NamedModel[] {
  const wanted = plain(name);
  return models.filter(({ prefix, title, published, publishedKey }) =>
    [prefix, title, published, publishedKey].some((one) => one !== undefined && plain(one) === wanted),
  );
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}
