import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** One response of a list; the last one is repeated. */
export type ListAnswer = (request: IncomingMessage, response: ServerResponse) => void;

/** The URL of a public run's page. */
export const runUrl = (run: number): string =>
  `https://github.com/SemiAnalysisAI/InferenceX/actions/runs/${run}/attempts/1`;

type Fields = Readonly<Record<string, unknown>>;

/** A made-up benchmark row in the API's format. */
export function benchmarkRow(changes: Fields = {}, metrics: Fields = {}): Fields {
  const role = (name: string) => ({
    [`${name}_tp`]: 8,
    [`${name}_ep`]: 1,
    [`${name}_dp_attention`]: false,
    [`${name}_num_workers`]: 0,
    [`num_${name}_gpu`]: 8,
  });
  return {
    hardware: 'h200',
    framework: 'sglang',
    model: 'dsr1',
    precision: 'fp8',
    spec_method: 'none',
    disagg: false,
    is_multinode: false,
    ...role('prefill'),
    ...role('decode'),
    isl: 1024,
    osl: 1024,
    conc: 4,
    image: null,
    date: '2026-02-01',
    run_url: runUrl(1),
    ...changes,
    metrics: {
      tput_per_gpu: 100,
      output_tput_per_gpu: 50,
      input_tput_per_gpu: 50,
      median_ttft: 0.2,
      median_tpot: 0.01,
      median_intvty: 100,
      median_e2el: 10,
      ...metrics,
    },
  };
}

/** A made-up accuracy score in the API's format. */
export function evaluationRow(changes: Fields = {}): Fields {
  const { metrics: _, isl: _isl, osl: _osl, image: _image, ...row } = benchmarkRow();
  return {
    ...row,
    id: '17',
    task: 'gsm8k',
    timestamp: '2026-02-01T04:05:06Z',
    metrics: { em_strict: 0.95, em_strict_se: 0.006, em_flexible: 0.96, n_eff: 1319 },
    ...changes,
  };
}

export const availableRow = (changes: Fields = {}): Fields => ({
  model: 'dsr1',
  isl: 1024,
  osl: 1024,
  precision: 'fp8',
  hardware: 'h200',
  framework: 'sglang',
  spec_method: 'none',
  disagg: false,
  date: '2026-02-01',
  ...changes,
});

/** A list of rows as an API response. */
export function list(rows: readonly unknown[], headers: Readonly<Record<string, string>> = {}): ListAnswer {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(rows));
  };
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): ListAnswer {
  return (_, response) => {
    response.writeHead(code, headers).end('{"error":"no"}');
  };
}

/** Complete headers, half of the body, and a closed connection. */
export const cutOff: ListAnswer = (_, response) => {
  const body = JSON.stringify([benchmarkRow()]);
  response.writeHead(200, { 'content-length': body.length });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
};

/** A fake API: responses by path and query after `/api/v1/`; other lists are empty. */
export class PublicApi {
  readonly #server: Server;
  readonly address: string;
  /** All requests, in order. */
  readonly asked: string[];
  readonly #answers: Map<string, ListAnswer[]>;

  private constructor(server: Server, address: string, asked: string[], answers: Map<string, ListAnswer[]>) {
    this.#server = server;
    this.address = address;
    this.asked = asked;
    this.#answers = answers;
  }

  static async start(answers: Readonly<Record<string, readonly ListAnswer[]>> = {}): Promise<PublicApi> {
    const asked: string[] = [];
    const byPath = new Map(Object.entries(answers).map(([path, some]) => [path, [...some]]));
    const server = createServer((request, response) => {
      const question = (request.url ?? '').replace('/api/v1/', '');
      asked.push(question);
      const left = byPath.get(question);
      const answer = left !== undefined && left.length > 1 ? left.shift() : left?.[0];
      (answer ?? list([]))(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return new PublicApi(server, `http://127.0.0.1:${address.port}`, asked, byPath);
  }

  /** Sets the responses from now on. */
  answer(path: string, ...answers: readonly ListAnswer[]): void {
    this.#answers.set(path, [...answers]);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
