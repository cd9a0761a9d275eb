import type { Config } from './contracts.ts';

type Configs = Readonly<Record<string, Config>>;

/**
 * Configs whose workloads name the digest of their data set's file, so that another file is another workload. A file
 * that cannot be read has none; the check of data sets reports it.
 */
export async function withDigests(configs: Configs): Promise<Configs> {
  const digests = new Map<string, string>();
  for (const path of new Set(Object.values(configs).flatMap(pathsWithoutDigest))) {
    // Most configs have no such file, and the imports are slow.
    const { sha256OfFile } = await import('../file-digest.ts');
    const digest = await sha256OfFile(path).catch(() => undefined);
    if (digest !== undefined) digests.set(path, digest);
  }
  if (digests.size === 0) return configs;
  return Object.fromEntries(Object.entries(configs).map(([key, config]) => [key, digested(config, digests)]));
}

function pathsWithoutDigest(config: Config): string[] {
  if (!('scenarios' in config)) return [];
  return Object.values(config.scenarios).flatMap((blocks) =>
    [...blocks].flatMap((block) => pathWithoutDigest(block) ?? []),
  );
}

function pathWithoutDigest(block: object): string | undefined {
  if (!('dataset-path' in block) || 'dataset-sha256' in block) return undefined;
  const { 'dataset-path': path } = block;
  return typeof path === 'string' ? path : undefined;
}

function digested<One extends Config>(config: One, digests: ReadonlyMap<string, string>): One {
  if (!('scenarios' in config)) return config;
  const scenarios = Object.entries(config.scenarios).map(([name, blocks]) => [
    name,
    [...blocks].map((block) => {
      const digest = digests.get(pathWithoutDigest(block) ?? '');
      return digest === undefined ? block : { ...block, 'dataset-sha256': digest };
    }),
  ]);
  return { ...config, scenarios: Object.fromEntries(scenarios) };
}
