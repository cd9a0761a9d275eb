import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

/** Our client as one of the peers: the same arguments, and one line of JSON as output. */
// Like the real command: compiled code is cached, so types are stripped and code is compiled only once, and imports are
// resolved quickly.
enableCompileCache();
const { resolveModulesQuickly } = await import('../../src/module-resolution.ts');
resolveModulesQuickly();
const { runLoadTest } = await import('../../src/load/index.ts');
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    streams: { type: 'string', default: '1' },
    requests: { type: 'string', default: '1' },
    tokens: { type: 'string', default: '128' },
    turns: { type: 'string', default: '1' },
  },
});
const [requests, outputLen, turns] = [values.requests, values.tokens, values.turns].map(Number);
if (requests === undefined || outputLen === undefined || turns === undefined)
  throw new Error('no load is given');
const turn = { inputTokens: 128, outputTokens: outputLen, pauseS: 0 };
const conversation = new Array<typeof turn>(turns).fill(turn);
const result = await runLoadTest(
  {
    baseUrl: values.url,
    backend: 'openai',
    model: 'mock',
    tokenizerId: 'mock',
    dataset:
      turns === 1
        ? { kind: 'random', inputLen: 128, outputLen, rangeRatio: 1 }
        : {
            kind: 'conversations',
            conversations: new Array<typeof conversation>(requests / turns).fill(conversation),
          },
    numPrompts: requests,
    maxConcurrency: Number(values.streams),
    requestRate: Number.POSITIVE_INFINITY,
    burstiness: 1,
    seed: 1,
    ignoreEos: true,
    useChatTemplate: false,
    warmupRequests: 0,
    stallTimeoutS: 60,
    connectTimeoutS: 10,
  },
  { signal: new AbortController().signal },
);
const usage = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({
    completed: result.completed,
    chunks: result.chunks,
    durationS: result.duration,
    ttftP50Ms: result.median_ttft_ms,
    ttftP99Ms: result.p99_ttft_ms,
    tpotP99Ms: result.p99_tpot_ms,
    gapP99Ms: result.chunk_gap.p99_ms,
    cpuS: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    maxRssMb: usage.maxRSS / 1024,
    verdict: result.fidelity.verdict,
    reasons: result.fidelity.reasons,
  })}\n`,
);
