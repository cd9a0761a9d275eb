import { basename, resolve } from 'node:path';
import { defined } from '../../defined/defined.ts';
import { pathPart } from '../../derived/path-part.ts';
import { InputError } from '../../errors.ts';
import type { AggregateRow } from '../../results/index.ts';
import type { ArtifactFacts } from './artifacts.ts';
import { sha256 } from './measured.ts';
import { longestSweepId } from './sweep-file.ts';
import type { IngestOutcome } from './write.ts';

/** What the files of a CI run do not say themselves. */
export interface IngestOptions {
  /** Names the sweep that the measurements belong to; made of the path's name and the rest where it is not given. */
  readonly sweepId?: string;
  /** The measured commit. */
  readonly gitSha?: string;
  /** Its branch or tag. */
  readonly gitRef?: string;
  /** URL of the CI run. */
  readonly url?: string;
  /** When it was measured, for rows without a raw result; the files' own time where it is not given. */
  readonly measuredAt?: Date;
  /** Makes the row of a raw result that comes without one; throws an error that says why there can be none. */
  readonly rowOf?: (raw: unknown) => AggregateRow;
  /** What an uploaded archive is called; the path is a place that is gone afterwards, and so is never kept. */
  readonly uploadedAs?: string;
  /** What an archive may come to when unpacked, where it is less than any archive may. */
  readonly mostUnpackedBytes?: number;
  /** `run`: the path must be a run directory. */
  readonly only?: 'run';
  /** Called now and then with what was done until then. */
  readonly onProgress?: (soFar: IngestOutcome) => void;
}

/** The sweep that the artifacts at a path belong to, made of what the caller says of them. */
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
 * The same for the same artifacts whenever they come, and another for another commit or CI run, because all that is
 * downloaded is called `artifacts`. Where nothing is said of them, a folder stays one sweep while it grows.
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
