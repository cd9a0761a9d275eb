import { defined } from '../defined/defined.ts';
import { sha256OfFile } from '../file-digest.ts';
import { LoadError, loadAgentic, type TraceSource } from '../load/index.ts';
import { type ProvisionContext, provisionDataSet } from '../provision/index.ts';
import type { ReplaySource } from '../workload/index.ts';

/**
 * Where the sessions of a replay are read from: a data set of the hub is downloaded first if it is on no cache of this
 * machine, and a file must have the digest that the config names. Throws LoadError or InputError.
 */
export async function traceSource(
  source: ReplaySource,
  contextTokens: number | undefined,
  context: ProvisionContext,
): Promise<TraceSource> {
  switch (source.kind) {
    case 'hub': {
      const { id, revision } = source;
      const { HF_HUB_CACHE: hubCache } = process.env;
      const found = await provisionDataSet({ id, ...defined({ revision, hubCache }) }, context);
      return { kind: 'hub', id, ...found };
    }
    case 'file':
      return { kind: 'file', path: source.path, sha256: await digestOf(source) };
    case 'synthetic': {
      const { synthesisDefaults } = await loadAgentic();
      const { traces, turns, seed, 'block-size': blockTokens, 'time-scale': timeScale } = source.options;
      return {
        kind: 'synthetic',
        options: {
          ...synthesisDefaults,
          ...defined({ traces, turns, seed, blockTokens, timeScale, contextTokens }),
        },
      };
    }
  }
}

async function digestOf({ path, sha256 }: Extract<ReplaySource, { kind: 'file' }>): Promise<string> {
  const found = await sha256OfFile(path).catch((error: unknown) => {
    throw new LoadError('file-unreadable', `${path}: cannot read the traces: ${reasonOf(error)}`, {
      hint: 'check the path; `inferencemax trace synthesize` generates traces',
      cause: error,
    });
  });
  if (sha256 === undefined || sha256 === found) return found;
  throw new LoadError('bad-test', `${path} is not the file that the config names: its SHA-256 is ${found}`, {
    hint: `expected ${sha256}; restore the file, or remove dataset-sha256 to accept it`,
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  return code === 'ENOENT' ? 'no such file' : error.message;
}
