/** What a file says of itself besides its content. */
export interface ImportContext {
  /** When it was written, for tools that do not record when they measured. */
  readonly writtenAt: Date;
  /** The served model, where the tool does not record it or records another name. */
  readonly model?: string;
  /** Requests in flight at most, where the tool does not record it. */
  readonly concurrency?: number;
}

/** A raw result as it is written (contract §4), in milliseconds. */
export type ImportedResult = Readonly<Record<string, unknown>>;

/** Results of one tool, told apart by their shape. */
export interface ResultFormat {
  /** As `source.tool` of the raw result names it. */
  readonly tool: string;
  /** What its files are, for people. */
  readonly title: string;
  readonly recognises: (document: Readonly<Record<string, unknown>>) => boolean;
  /** The raw results in a document; throws a ZodError or an Error that says what is missing. */
  readonly read: (document: unknown, context: ImportContext) => ImportedResult[];
}

/** What every imported result has besides its figures. */
export function frame(
  tool: string,
  version: string | undefined,
  failed: number,
  completed: number,
): ImportedResult {
  const reasons = [`measured by ${tool}, which does not record how far its figures can be from the truth`];
  if (failed > 0) reasons.push(`${failed} of ${failed + completed} requests failed`);
  const invalid = completed === 0;
  if (invalid) reasons.unshift('no request completed');
  return {
    failed,
    source: { tool, ...(version === undefined ? {} : { version }) },
    fidelity: { verdict: invalid ? 'invalid' : 'suspect', reasons },
  };
}

/** The public date, `YYYYMMDD-HHMMSS` in local time, and our exact one. */
export function dated(at: Date): { readonly date: string; readonly started_at: number } {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return { date: `${day}-${time}`, started_at: at.getTime() / 1000 };
}

/** `mean_ttft_ms` and so on, of the figures that are there. */
export function figures(
  metric: 'ttft' | 'tpot' | 'itl' | 'e2el',
  values: Readonly<Record<string, number | null | undefined>> | undefined,
  toMs = 1,
): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const [name, value] of Object.entries(values ?? {})) {
    if (value != null) fields[`${name}_${metric}_ms`] = value * toMs;
  }
  return fields;
}
