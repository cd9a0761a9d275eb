import { remembered } from './remembered.ts';

const longestRead = 1024;

/** The words of a name or sentence in lower case, however they are joined: `endTurn`, `END_TURN`, `end-turn`. */
export const wordsOf = remembered((text): readonly string[] => {
  const words = text.slice(0, longestRead).match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
  return words.map((word) => word.toLowerCase());
});

/** Beginnings of failure words, or whole words if they end in `_`. Words are joined by `_`. */
const failureStems = [
  'abort',
  'cancel',
  'crash',
  'deadline',
  'denied',
  'died_',
  'dead_',
  'disconnect',
  'drop_',
  'dropped',
  'err_',
  'error',
  'evict',
  'exception',
  'exhaust',
  'expired',
  'fail',
  'fatal',
  'fault_',
  'insufficient',
  'interrupt',
  'invalid',
  'kill',
  'lost_',
  'malformed',
  'oom_',
  'out_of_',
  'overload',
  'panic',
  'preempt',
  'refus',
  'reject',
  'shed_',
  'shedding',
  'shut_down',
  'shutdown',
  'terminated',
  'timed_out',
  'timedout',
  'time_out',
  'timeout',
  'unavailable',
  'unhealthy',
  'unload',
  'broken_',
  'went_away',
  'bad_gateway',
];
const failurePattern = new RegExp(`_(${failureStems.join('|')})`);

/** Whether a name or a sentence mentions a failure. */
export function speaksOfFailure(text: string): boolean {
  return failurePattern.test(joined(text)) && !saysGood(text);
}

/** Whether a name denotes a failure, like `error`, `server_error` or `EngineFailure`. */
export function namesFailure(name: string): boolean {
  // Most events have no name.
  return name !== '' && /_(err|errors?|exceptions?|failed|failure|fatal)_/.test(joined(name));
}

const goodWords = new Set([
  'ok',
  'okay',
  'success',
  'successful',
  'successfully',
  'succeed',
  'succeeded',
  'good',
  'healthy',
  'ready',
  'complete',
  'completed',
  'done',
  'finished',
  'none',
  'null',
  'nil',
  'false',
  '0',
  '200',
  'no_error',
  'no_errors',
  'processing',
  'queued',
  'pending',
  'running',
  'in_progress',
  'started',
  'active',
  'alive',
  'ping',
  'pong',
  'heartbeat',
  'heart_beat',
  'keepalive',
  'keep_alive',
]);

/** Whether a text only says that everything is fine. */
export function saysGood(text: string): boolean {
  return goodWords.has(wordsOf(text).join('_'));
}

/** The words of a text, separated and enclosed by `_`. */
export function joined(text: string): string {
  return `_${wordsOf(text).join('_')}_`;
}
