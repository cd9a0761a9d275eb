import type { Config } from './contracts.ts';

/** The items of all search spaces of a config. */
export function itemsOf(config: Config) {
  if ('seq-len-configs' in config)
    return config['seq-len-configs'].flatMap(({ 'search-space': items }) => [...items]);
  const blocks = Object.values(config.scenarios).flat();
  return blocks.flatMap(({ 'search-space': items }) => [...items]);
}
