import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { defined } from '../../defined/defined.ts';
import { MockEngine, type MockSettings } from './engine.ts';
import { type MockTruth, mockTruthSchema, type RequestTruth, requestTruthSchema } from './truth.ts';

/** The mock engine in a separate process, so that it takes no CPU time from the measured client. */
export interface MockProcess extends AsyncDisposable {
  readonly baseUrl: string;
  /** What it did since it was started or last reset. */
  truth(): Promise<MockTruth>;
  /** Every request since then, in the order in which they ended, if it keeps them. */
  requests(): Promise<readonly RequestTruth[]>;
  reset(): Promise<void>;
}

/** Starts the mock engine on a free loopback port. Throws if its process exits before it listens. */
export async function startMockProcess(settings: MockSettings): Promise<MockProcess> {
  const child = spawn(
    process.execPath,
    [
      '--no-warnings',
      import.meta.filename,
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ],
    // The child exits when its standard input closes, so it ends with this process even if this process is killed.
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    exited.then(([code]) =>
      Promise.reject(new Error(`the mock engine exited at startup with code ${String(code)}`)),
    ),
  ]);
  const baseUrl = `http://127.0.0.1:${Number(String(line))}`;
  return {
    baseUrl,
    truth: async () => mockTruthSchema.parse(await (await fetch(`${baseUrl}/truth`)).json()),
    requests: async () => requestTruthSchema.array().parse(await (await fetch(`${baseUrl}/requests`)).json()),
    reset: async () => {
      await (await fetch(`${baseUrl}/reset`)).text();
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ttftMs: { type: 'string', default: '50' },
      itlMs: { type: 'string', default: '10' },
      tokensPerEvent: { type: 'string', default: '1' },
      eventsPerWrite: { type: 'string', default: '1' },
      slots: { type: 'string', default: 'Infinity' },
      cacheTokens: { type: 'string' },
      prefillMsPerToken: { type: 'string', default: '0' },
      keepsRequests: { type: 'string', default: 'false' },
    },
  });
  const engine = new MockEngine({
    ttftMs: Number(values.ttftMs),
    itlMs: Number(values.itlMs),
    tokensPerEvent: Number(values.tokensPerEvent),
    eventsPerWrite: Number(values.eventsPerWrite),
    slots: Number(values.slots),
    prefillMsPerToken: Number(values.prefillMsPerToken),
    keepsRequests: values.keepsRequests === 'true',
    ...defined({ cacheTokens: values.cacheTokens === undefined ? undefined : Number(values.cacheTokens) }),
  });
  const port = await engine.listen(0);
  process.stdin.resume().once('end', () => {
    engine.close();
    process.exit(0);
  });
  process.stdout.write(`${port}\n`);
}

if (process.argv[1] === import.meta.filename) await main();
