import { z } from 'zod';
import { workloadInRow } from '../../identity/index.ts';
import { publicText, publicWord } from '../privacy.ts';

/** What was sent, if not requests of fixed lengths. */
export const workloadShape = z.object({
  kind: z.string(),
  /** Its name and the digest of its definition. */
  id: z.string(),
  /** The fields of its definition, as in a config; empty if the measurement did not record it. */
  definition: z.record(z.string(), z.string()),
});

const ends = z.tuple([z.number().nullable(), z.number().nullable()]);

/** The answer of a search for the largest load within SLOs. */
export const searchShape = z.object({
  /** `concurrency`, or `rate` in requests per second. */
  load: z.string(),
  slos: z.array(z.string()),
  /** `found`, `none`, `beyond` or `stopped`. */
  state: z.string(),
  /** The highest load that likely holds and the lowest that likely misses; null for none in range. */
  bracket: ends,
  /** The same, shown at the confidence. */
  interval: ends,
  confidence: z.number(),
  /** In the order in which they ran: the load, the requests, and how many of these met each SLO. */
  tests: z.array(
    z.object({ level: z.number(), requests: z.int().nonnegative(), met: z.array(z.int().nonnegative()) }),
  ),
});

const definitionSchema = z.record(z.string(), z.unknown());

/** The workload of a row; null for requests of fixed lengths. */
export function workloadOf(row: object | undefined): z.infer<typeof workloadShape> | null {
  const found = workloadInRow(row);
  if (found === undefined) return null;
  const { kind, id, definition: text = '{}' } = found;
  const fields = Object.entries(definitionSchema.safeParse(jsonIn(text)).data ?? {});
  const definition = fields.map(([name, value]): [string, string] => [
    publicWord(name) ?? '',
    publicText(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
  return { kind, id, definition: Object.fromEntries(definition) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The answer of a search in a raw result; null if there was no search. */
export function searchIn({ search }: { readonly search?: unknown }): z.infer<typeof searchShape> | null {
  const { data } = searchShape.safeParse(search);
  if (data === undefined) return null;
  return {
    ...data,
    slos: data.slos.map(publicText),
    load: publicText(data.load),
    state: publicText(data.state),
  };
}
