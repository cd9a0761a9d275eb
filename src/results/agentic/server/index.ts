import { InputError } from '../../../errors.ts';
import { sumOf } from '../figures.ts';
import { atomReader } from './atom.ts';
import { dynamoReader } from './dynamo.ts';
import { type ServerReader, unknownFigures } from './reader.ts';
import { ExportedMetrics } from './series.ts';
import { sglangReader } from './sglang.ts';
import { vllmReader } from './vllm.ts';

/** The first that knows a server's metrics reads them: Dynamo forwards those of its workers. */
const readers: readonly ServerReader[] = [dynamoReader, atomReader, sglangReader, vllmReader];

export interface ServerExport {
  readonly file: string;
  /** The content of `server_metrics_export.json`; undefined if there is none. */
  readonly exported: unknown;
  readonly framework: string;
  /** The texts of the server's logs. */
  readonly logs: readonly string[];
  /** What the client counted, for a server that does not. */
  readonly client: {
    readonly promptTokens: number | null;
    readonly generatedTokens: number | null;
    readonly requests: number;
  };
}

/** What the server did. Throws InputError for the metrics of an unknown engine. */
export function serverMetrics({ file, exported, framework, logs, client }: ServerExport) {
  const metrics = new ExportedMetrics(exported);
  const { names } = metrics;
  const kind = framework.toLowerCase();
  const present = names.length > 0;
  const reader = readers.find((one) => (present ? one.reads(names, kind) : one.readsLogsOf(kind)));
  if (present && reader === undefined) {
    throw new InputError([
      {
        file,
        message: `metrics of an unknown engine: ${names.toSorted().slice(0, 10).join(', ')} (FRAMEWORK is ${framework || 'empty'})`,
        hint: `known are the metrics of ${readers.map(({ name }) => name).join(', ')}`,
      },
    ]);
  }
  const figures = present && reader !== undefined ? reader.read(metrics) : unknownFigures;
  const pool = logs.flatMap((log) => reader?.poolTokens(log) ?? []);
  return {
    figures: {
      present,
      adapter: present && reader !== undefined ? reader.name : 'none',
      metric_count: names.length,
      ...figures,
      kv_cache: {
        ...figures.kv_cache,
        gpu_total_tokens: pool.length === 0 ? figures.kv_cache.gpu_total_tokens : sumOf(pool),
      },
      tokens: {
        prompt_total: figures.tokens.prompt_total ?? client.promptTokens,
        generation_total: figures.tokens.generation_total ?? client.generatedTokens,
        requests_completed: client.requests,
        prompt_by_source: figures.tokens.prompt_by_source,
      },
    },
    warnings: present ? [] : ['server_metrics_export.json missing or empty'],
  };
}
