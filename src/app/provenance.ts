import { existsSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { defined } from '../defined/defined.ts';
import { packageRoot } from '../package-root.ts';
import { run } from '../process/run.ts';
import { productVersion } from '../product-version.ts';

/**
 * Facts about InferenceMAX and the machine that sends the load, for every raw result of a sweep. Facts about
 * the engine's node are in the raw result's `environment`.
 */
export async function clientProvenance(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const gitSha = await productCommit(signal);
  return {
    product: { version: productVersion(), ...defined({ git_sha: gitSha }) },
    node_version: process.version,
    client: {
      host: hostname(),
      platform: `${process.platform} ${release()} ${arch()}`,
      cpu: cpus()[0]?.model ?? 'unknown',
      cpus: cpus().length,
      memory_bytes: totalmem(),
    },
  };
}

/** The commit of the checkout that InferenceMAX runs from; undefined for an installed package. */
async function productCommit(signal: AbortSignal): Promise<string | undefined> {
  if (!existsSync(join(packageRoot, '.git'))) return undefined;
  const printed = await run(['git', '-C', packageRoot, 'rev-parse', 'HEAD'], { signal }).catch(
    () => undefined,
  );
  return printed?.trim();
}
