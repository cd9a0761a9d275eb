import type { FailureClass, FailureRules } from '../failures/index.ts';

/** What one session came to on one node: an engine that served at least one point, or a failure. */
export interface NodeOutcome {
  readonly node: string;
  readonly sessionId: string;
  /** Absent where the node did its work. */
  readonly failureClass?: FailureClass;
}

/** Sessions that must fail on a node, one after the other, before the node is suspected rather than they. */
const sessionsToSuspect = 2;

/**
 * Nodes that fail others' work, each with the reason: it failed two sessions in a row, or one that another node could
 * do, or is known to be broken. The last good node of a pool is never taken away: there the work is more likely to be
 * at fault, and nothing would be measured at all.
 */
export function quarantined(
  outcomes: readonly NodeOutcome[],
  pools: readonly (readonly string[])[],
  rules: FailureRules,
): Map<string, string> {
  const bad = new Map<string, string>();
  for (let seen = 1; seen <= outcomes.length; seen++) {
    const history = outcomes.slice(0, seen);
    for (const node of new Set(history.map((outcome) => outcome.node))) {
      if (bad.has(node) || isLastOfAPool(node, pools, bad)) continue;
      const reason = suspicion(node, history, rules);
      if (reason !== undefined) bad.set(node, reason);
    }
  }
  return bad;
}

function isLastOfAPool(
  node: string,
  pools: readonly (readonly string[])[],
  bad: ReadonlyMap<string, string>,
): boolean {
  return pools.some((pool) => pool.includes(node) && pool.every((other) => other === node || bad.has(other)));
}

function suspicion(node: string, history: readonly NodeOutcome[], rules: FailureRules): string | undefined {
  const here = history.filter((outcome) => outcome.node === node);
  const sinceGood = here.slice(here.findLastIndex(({ failureClass }) => failureClass === undefined) + 1);
  const failures = sinceGood.flatMap(({ sessionId, failureClass }) =>
    failureClass === undefined || rules[failureClass].node === 'innocent'
      ? []
      : [{ sessionId, failureClass }],
  );
  const guilty = failures.find(({ failureClass }) => rules[failureClass].node === 'guilty');
  if (guilty !== undefined) return `${guilty.failureClass} in session ${guilty.sessionId}`;
  const sessions = new Set(failures.map(({ sessionId }) => sessionId));
  if (sessions.size >= sessionsToSuspect) {
    const classes = [...new Set(failures.map(({ failureClass }) => failureClass))].join(', ');
    return `it failed ${sessions.size} sessions in a row (${classes})`;
  }
  const proven = failures.find(({ sessionId }) =>
    history.some(
      (outcome) =>
        outcome.sessionId === sessionId && outcome.node !== node && outcome.failureClass === undefined,
    ),
  );
  return proven === undefined
    ? undefined
    : `it failed session ${proven.sessionId} (${proven.failureClass}), which another node could do`;
}
