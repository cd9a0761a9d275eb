import { basename, resolve } from 'node:path';
import { defined } from '../../defined/defined.ts';
import { pathPart } from '../../derived/path-part.ts';
import { InputError } from '../../errors.ts';
import type { AggregateRow } from '../../results/index.ts';
import type { ArtifactFacts } from './artifacts.ts';
import { sha256 } from './measured.ts';
import { longestSweepId } from './sweep-file.ts';
import type { IngestOutcome } from './write.ts';

/** Facts that the files of a CI run do not contain. */
export interface IngestOptions {
  /** The id of the sweep; by default made of the path's name and the other options. */
  readonly sweepId?: string;
  /** The measured commit. */
  readonly gitSha?: string;
  /** Its branch or tag. */
  readonly gitRef?: string;
  /** URL of the CI run. */
  readonly url?: string;
  /** Time of measurement for rows without a raw result; by default the file's time. */
  readonly measuredAt?: Date;
  /** Makes a row for a raw result that has none, or throws an error with the reason why it cannot. */
  readonly rowOf?: (raw: unknown) => AggregateRow;
  /** The name of an uploaded archive; its path is temporary and therefore not stored. */
  readonly uploadedAs?: string;
  /** Limit on the unpacked size of an archive in bytes, if lower than the general limit. */
  readonly mostUnpackedBytes?: number;
  /** `run`: the path must be a run directory. */
  readonly only?: 'run';
  /** Called at intervals with the outcome so far. */
  readonly onProgress?: (soFar: IngestOutcome) => void;
}

/** The sweep of the artifacts at a path, from the options of the caller. */
export function artifactFacts(path: string, options: IngestOptions): ArtifactFacts {
  const { gitSha, gitRef, url, measuredAt, rowOf, uploadedAs } = options;
  return {
    sweep: {
      key: sweepKey(path, options),
      created_at: (measuredAt ?? new Date()).getTime(),
      command: 'ingest',
      source: 'artifact',
      git_sha: gitSha ?? null,
      git_ref: gitRef ?? null,
      url: url ?? null,
      location: uploadedAs === undefined ? resolve(path) : null,
      planned: null,
      state: 'unknown',
    },
    ...defined({ measuredAt: measuredAt?.getTime(), rowOf }),
  };
}

/**
 * The sweep's key: stable for the same artifacts, and different for another commit or CI run, because every
 * download folder is called `artifacts`. Without such options, a folder stays one sweep while it grows.
 */
function sweepKey(path: string, { sweepId, gitSha, gitRef, url, uploadedAs }: IngestOptions): string {
  if (sweepId !== undefined) {
    if (sweepId === '' || pathPart(sweepId).length > longestSweepId)
      throw new InputError(`'${sweepId.slice(0, 40)}…' is not a sweep name: it is empty or too long`);
    return sweepId;
  }
  const measured = gitSha ?? gitRef;
  if (measured === undefined && url === undefined && uploadedAs !== undefined) return uploadedAs;
  const said =
    measured === undefined && url === undefined ? [resolve(path)] : [measured ?? null, url ?? null];
  return `${uploadedAs ?? basename(resolve(path))}-${sha256(JSON.stringify(said)).slice(0, 8)}`;
}
