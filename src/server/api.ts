/**
 * The types that the server and the dashboard share. Besides these, `web/` imports only `src/derived` and
 * `src/identity`.
 *
 * Every view reads documents. `serve` answers `data/<path>.json`, `publish` writes the same files, and a
 * report contains `{ [path]: document }` as JSON in `<script id="documents">`. Paths: `index`, `overview`,
 * `answers/<shape key>`, `shapes/<shape key>`, `history/<shape key>`, `history/<shape key>/<series key>`,
 * `points/<id>`, `sessions/<id>`, `runs`, `runs/<id>`, `reliability`, `evals`, `hardware`, `changelog`.
 */
import type { z } from 'zod';
import type { answerDocument } from './documents/answer.ts';
import type { changelogDocument, changelogEntry } from './documents/changelog.ts';
import type { columnsDocument, pointColumns, series, verdict } from './documents/columns.ts';
import type { evalsDocument } from './documents/evals.ts';
import type { hardwareDocument } from './documents/hardware.ts';
import type { historyDocument, historyIndexDocument } from './documents/history.ts';
import type { indexDocument } from './documents/index-document.ts';
import type { overviewDocument } from './documents/overview.ts';
import type { pointDocument } from './documents/point.ts';
import type { reliabilityDocument } from './documents/reliability.ts';
import type { sessionsDocument } from './documents/sessions.ts';
import type { shapeDocument } from './documents/shape.ts';
import type { listedSweep, publishedSweep, sweepDocument, sweepsDocument } from './documents/sweeps.ts';

export type ApiVerdict = z.infer<typeof verdict>;
export type { MetricName } from '../derived/metrics.ts';
export type { Shape } from './documents/point-columns.ts';
export type Series = z.infer<typeof series>;
export type PointColumns = z.infer<typeof pointColumns>;
export type ColumnsDocument = z.infer<typeof columnsDocument>;
export type PublishedChangelogEntry = z.infer<typeof changelogEntry>;
export type PublishedGpuConstants = HardwareDocument['gpus'][number];
export type PublishedSweep = z.infer<typeof publishedSweep>;
export type ListedSweep = z.infer<typeof listedSweep>;

export type IndexDocument = z.infer<typeof indexDocument>;
export type OverviewDocument = z.infer<typeof overviewDocument>;
export type AnswerDocument = z.infer<typeof answerDocument>;
export type ShapeDocument = z.infer<typeof shapeDocument>;
export type HistoryIndexDocument = z.infer<typeof historyIndexDocument>;
export type HistoryDocument = z.infer<typeof historyDocument>;
export type PointDocument = z.infer<typeof pointDocument>;
export type SessionsDocument = z.infer<typeof sessionsDocument>;
export type SweepsDocument = z.infer<typeof sweepsDocument>;
export type SweepDocument = z.infer<typeof sweepDocument>;
export type ReliabilityDocument = z.infer<typeof reliabilityDocument>;
export type EvalsDocument = z.infer<typeof evalsDocument>;
export type HardwareDocument = z.infer<typeof hardwareDocument>;
export type ChangelogDocument = z.infer<typeof changelogDocument>;

/** The type of the document at a path, by the first part of the path. */
export type DocumentAt<Path extends string> = Path extends 'index'
  ? IndexDocument
  : Path extends 'overview'
    ? OverviewDocument
    : Path extends `answers/${string}`
      ? AnswerDocument
      : Path extends `shapes/${string}`
        ? ShapeDocument
        : Path extends `history/${string}/${string}`
          ? HistoryDocument
          : Path extends `history/${string}`
            ? HistoryIndexDocument
            : Path extends `points/${string}`
              ? PointDocument
              : Path extends `sessions/${string}`
                ? SessionsDocument
                : Path extends 'runs'
                  ? SweepsDocument
                  : Path extends `runs/${string}`
                    ? SweepDocument
                    : Path extends 'reliability'
                      ? ReliabilityDocument
                      : Path extends 'evals'
                        ? EvalsDocument
                        : Path extends 'hardware'
                          ? HardwareDocument
                          : Path extends 'changelog'
                            ? ChangelogDocument
                            : never;
