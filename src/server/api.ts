/**
 * The types that the server and the dashboard share; nothing else of the product but `src/derived` is known to `web/`.
 *
 * Every view reads documents. `serve` answers `data/<path>.json`, `publish` writes the same files, and a report carries
 * `{ [path]: document }` as JSON in `<script id="documents">`. Paths: `index`, `overview`, `shapes/<shape key>`, `history/<shape key>`,
 * `history/<shape key>/<series key>`, `points/<id>`, `runs`, `runs/<id>`, `reliability`, `evals`, `hardware`, `changelog`.
 */
import type { z } from 'zod';
import type { changelogDocument, changelogEntry } from './documents/changelog.ts';
import type {
  columnsDocument,
  metricName,
  pointColumns,
  series,
  shape,
  verdict,
} from './documents/columns.ts';
import type { evalsDocument } from './documents/evals.ts';
import type { hardwareDocument } from './documents/hardware.ts';
import type { historyDocument, historyIndexDocument } from './documents/history.ts';
import type { indexDocument } from './documents/index-document.ts';
import type { overviewDocument } from './documents/overview.ts';
import type { pointDocument } from './documents/point.ts';
import type { reliabilityDocument } from './documents/reliability.ts';
import type { run, runDocument, runsDocument } from './documents/runs.ts';
import type { shapeDocument } from './documents/shape.ts';

export type Verdict = z.infer<typeof verdict>;
export type MetricName = z.infer<typeof metricName>;
export type Shape = z.infer<typeof shape>;
export type Series = z.infer<typeof series>;
export type PointColumns = z.infer<typeof pointColumns>;
export type ColumnsDocument = z.infer<typeof columnsDocument>;
export type ChangelogEntry = z.infer<typeof changelogEntry>;
export type GpuConstants = HardwareDocument['gpus'][number];
export type Run = z.infer<typeof run>;

export type IndexDocument = z.infer<typeof indexDocument>;
export type OverviewDocument = z.infer<typeof overviewDocument>;
export type ShapeDocument = z.infer<typeof shapeDocument>;
export type HistoryIndexDocument = z.infer<typeof historyIndexDocument>;
export type HistoryDocument = z.infer<typeof historyDocument>;
export type PointDocument = z.infer<typeof pointDocument>;
export type RunsDocument = z.infer<typeof runsDocument>;
export type RunDocument = z.infer<typeof runDocument>;
export type ReliabilityDocument = z.infer<typeof reliabilityDocument>;
export type EvalsDocument = z.infer<typeof evalsDocument>;
export type HardwareDocument = z.infer<typeof hardwareDocument>;
export type ChangelogDocument = z.infer<typeof changelogDocument>;

/** The document at a path, typed by its first part. */
export type DocumentAt<Path extends string> = Path extends 'index'
  ? IndexDocument
  : Path extends 'overview'
    ? OverviewDocument
    : Path extends `shapes/${string}`
      ? ShapeDocument
      : Path extends `history/${string}/${string}`
        ? HistoryDocument
        : Path extends `history/${string}`
          ? HistoryIndexDocument
          : Path extends `points/${string}`
            ? PointDocument
            : Path extends 'runs'
              ? RunsDocument
              : Path extends `runs/${string}`
                ? RunDocument
                : Path extends 'reliability'
                  ? ReliabilityDocument
                  : Path extends 'evals'
                    ? EvalsDocument
                    : Path extends 'hardware'
                      ? HardwareDocument
                      : Path extends 'changelog'
                        ? ChangelogDocument
                        : never;
