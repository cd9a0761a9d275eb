import type { SessionTree } from '../../src/load/agentic/sessions.ts';
import { sessionsOf } from '../../src/load/agentic/sessions.ts';
import { synthesisDefaults, synthesizeTraces } from '../../src/load/agentic/synthesize.ts';
import type { AgentTrace } from '../../src/load/agentic/trace.ts';
import type { MockSettings } from '../../src/load/mock/engine.ts';

/** Sessions that fit a run of half a minute: short contexts, and pauses of a few seconds. */
export const traces: readonly AgentTrace[] = synthesizeTraces({
  ...synthesisDefaults,
  traces: 64,
  turns: 8,
  contextTokens: 4096,
  blockTokens: 16,
  timeScale: 0.5,
});

export function treesOfTraces(): readonly SessionTree[] {
  return traces.map((trace) => sessionsOf(trace, { file: 'synthesized' }));
}

/**
 * An engine whose prefix cache keeps the blocks that were used last, and whose prefill takes as long as the cache has
 * too little of a prompt.
 */
export const cachingServer: MockSettings = {
  ttftMs: 500,
  itlMs: 20,
  tokensPerEvent: 1,
  eventsPerWrite: 1,
  cacheTokens: 400_000,
  prefillMsPerToken: 2,
  keepsRequests: true,
};

/**
 * The same without a prefill. The mock counts words, which are tokens in our prompts but not in those of another
 * client, so only this server replies to both at the same times.
 */
export const evenServer: MockSettings = { ...cachingServer, prefillMsPerToken: 0 };
