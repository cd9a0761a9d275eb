import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { parseJson } from '../../bounded-json.ts';
import type { JobVariables } from '../../identity/index.ts';
import { type AgenticRecord, numberOf } from './records.ts';

const traceSchema = z.looseObject({
  id: z.unknown().optional(),
  requests: z.array(
    z.looseObject({ type: z.string(), out: z.unknown().optional(), output_length: z.unknown().optional() }),
  ),
});

/**
 * The recorded reply length of each request: from its record if `bench replay` or a sweep wrote it, else from the corpus
 * in the cache of Hugging Face data sets; empty without the corpus. A request is found by its trace and by its position among the requests of the main list.
 */
export async function expectedOutput(
  records: readonly AgenticRecord[],
  environment: JobVariables,
): Promise<readonly number[]> {
  const own = records.map(({ metadata }) => numberOf(metadata?.expected_output_tokens));
  if (own.some((length) => length !== null)) return own.flatMap((length) => length ?? []);
  const lengths = await recordedLengths(environment, new Set(records.map(traceOf)));
  return records.flatMap((record) => {
    const turn = numberOf(record.metadata?.turn_index);
    const length = turn === null ? undefined : lengths.get(traceOf(record))?.[Math.trunc(turn)];
    return length === undefined ? [] : [length];
  });
}

function traceOf({ metadata }: AgenticRecord): string {
  const [trace = ''] = String(metadata?.conversation_id ?? '').split('::', 1);
  return trace;
}

async function recordedLengths(
  environment: JobVariables,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const lengths = new Map<string, readonly number[]>();
  const corpus = await newestCorpus(environment);
  if (corpus === undefined) return lengths;
  for await (const text of tracesIn(corpus)) {
    const trace = traceSchema.safeParse(parsed(text)).data;
    const id = String(trace?.id ?? '');
    if (trace === undefined || !wanted.has(id)) continue;
    const requests = trace.requests.filter(({ type }) => type === 'n' || type === 's');
    if (requests.length === 0) continue;
    lengths.set(
      id,
      requests.map(({ out, output_length: length }) => Math.trunc(numberOf(length ?? out) ?? 0)),
    );
  }
  return lengths;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // A corpus that is damaged elsewhere still has the other traces.
    return undefined;
  }
}

const corpusName = /^datasets--semianalysisai--cc-traces-weka/;

/** The newest snapshot of any corpus that has traces. */
async function newestCorpus(environment: JobVariables): Promise<string | undefined> {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME } = environment;
  const home = HF_HOME || join(homedir(), '.cache', 'huggingface');
  const cache = HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(home, 'hub');
  const corpora = (await namesIn(cache)).filter((name) => corpusName.test(name));
  const snapshots = await Promise.all(
    corpora.map(async (name) => {
      const folder = join(cache, name, 'snapshots');
      return (await namesIn(folder)).map((snapshot) => join(folder, snapshot));
    }),
  );
  const dated = await Promise.all(
    snapshots.flat().map(async (folder) => ({ folder, changedMs: (await stat(folder)).mtimeMs })),
  );
  for (const { folder } of dated.toSorted((a, b) => b.changedMs - a.changedMs)) {
    if ((await namesIn(folder)).some((name) => /\.jsonl?$/.test(name))) return folder;
  }
  return undefined;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.toSorted();
}

async function* tracesIn(folder: string): AsyncGenerator<string> {
  const names = await namesIn(folder);
  for (const name of names.filter((one) => one.endsWith('.jsonl'))) {
    for await (const line of createInterface({
      input: createReadStream(join(folder, name)),
      crlfDelay: Infinity,
    })) {
      if (line.trim() !== '') yield line;
    }
  }
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    yield await readFile(join(folder, name), 'utf8');
  }
}
