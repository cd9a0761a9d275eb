import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileNameOfPool, hardwareOfPool, matchesPattern, problemsOf, readYamlAs } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError, type Problem } from '../errors.ts';
import { remoteHosts } from '../hosts/index.ts';
import { type NodeSettings, nodeSettingsSchema, poolSettingsSchema, sharedFields } from './pool-settings.ts';

/** How to reach the nodes of one runner pool: the content of `runners/<pool>.yaml`. */
export interface Pool {
  readonly name: string;
  readonly file: string;
  /**
   * The hardware of its nodes in results: the pool's name, prefixed by the GPU's name unless it already starts with
   * that.
   */
  readonly hardware: string;
  /** Memory of one accelerator in GB, if the file has it. */
  readonly memoryGb?: number;
  /** The settings of a node or, without a name, those of the pool. */
  settingsFor(node?: string): NodeSettings;
  /** The node overrides that match none of the given nodes, with their positions. */
  unusedOverrides(nodes: readonly string[]): Promise<Problem[]>;
}

/** The file that describes a pool; it need not exist. */
export function fileOfPool(name: string, folder: string): string {
  return join(folder, `${fileNameOfPool(name)}.yaml`);
}

/** Loads a pool from a folder such as `runners/`. Throws InputError with all problems if it is invalid. */
export async function loadPool(name: string, folder: string): Promise<Pool> {
  const file = fileOfPool(name, folder);
  if (!existsSync(file)) {
    throw new InputError(
      `no ${file}: no file says how to reach the nodes of pool ${name}`,
      'add the file; runners/README.md describes it',
      { code: 'unknown-runner' },
    );
  }
  const { data, located } = await readYamlAs(file, poolSettingsSchema);
  const { nodes, hardware, 'accelerator-memory-gb': memoryGb, ...said } = data;
  const pool = nodeSettingsSchema.parse(said);
  const merged = Object.entries(nodes).map(([pattern, override]) => {
    const merged = { ...inherited(pool, override.launcher), ...override };
    return { pattern, parsed: nodeSettingsSchema.safeParse(merged, { reportInput: true }) };
  });
  const problems: Problem[] = [];
  for (const { pattern, parsed } of merged) {
    if (parsed.success) continue;
    const issues = parsed.error.issues.map((issue) => ({
      ...issue,
      path: ['nodes', pattern, ...issue.path],
    }));
    problems.push(...problemsOf(await located(), poolSettingsSchema, { ...parsed.error, issues }));
  }
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'unknown-runner' });
  return {
    name,
    file,
    hardware: nameInResults(hardwareOfPool(name), hardware),
    ...defined({ memoryGb }),
    settingsFor: (node) =>
      merged.find(({ pattern }) => node !== undefined && matchesPattern(node, pattern))?.parsed.data ?? pool,
    unusedOverrides: async (known) => {
      const unused = merged.filter(({ pattern }) => !known.some((node) => matchesPattern(node, pattern)));
      const { locate } = await located();
      return unused.map(({ pattern }) => ({
        ...locate(['nodes', pattern], 'key'),
        message: `no node of pool ${name} is called '${pattern}'`,
        hint: 'runners.yaml lists the nodes',
      }));
    },
  };
}

/** Pools with the same GPU stay separate in results; the GPU is looked up by the first part of the name. */
function nameInResults(name: string, gpu = name): string {
  return name === gpu || name.startsWith(`${gpu}-`) ? name : `${gpu}-${name}`;
}

/**
 * What a node inherits from its pool: everything or, with another launcher, only the fields that all launchers share.
 */
function inherited(pool: NodeSettings, launcher: unknown): Partial<NodeSettings> {
  if (launcher === undefined || launcher === pool.launcher) return pool;
  if (remoteHosts.some(({ kind }) => kind === launcher)) return {};
  return Object.fromEntries(Object.entries(pool).filter(([name]) => sharedFields.has(name)));
}
