import type { FailureClass, FailureRule, FailureRules } from '../failures/index.ts';

/** What one session came to on one node: an engine that served at least one point, or a failure. */
export interface NodeOutcome {
  readonly node: string;
  readonly sessionId: string;
  /** Absent where the node did its work. */
  readonly failureClass?: FailureClass;
  /** Accelerators that the session used of the node; what serves on few proves nothing for many. */
  readonly accelerators?: number;
  /** What happened, in words. */
  readonly message?: string;
}

/** Sessions that must fail on a node, one after the other, before the node is suspected rather than they. */
const sessionsToSuspect = 2;

/** Why a node is taken out of use. */
export interface Quarantine {
  readonly reason: string;
  /** The node itself is known to be broken, not only suspected: it stays out of use when the sweep is over. */
  readonly broken: boolean;
}

/**
 * Nodes that fail others' work, each with the reason: it failed two sessions in a row, or one that another node could
 * do, or is known to be broken. The last good node of a pool is never taken away: there the work is more likely to be
 * at fault, and nothing would be measured at all.
 */
export function quarantined(
  outcomes: readonly NodeOutcome[],
  pools: readonly (readonly string[])[],
  rules: FailureRules,
): Map<string, Quarantine> {
  const bad = new Map<string, Quarantine>();
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
  bad: ReadonlyMap<string, unknown>,
): boolean {
  return pools.some((pool) => pool.includes(node) && pool.every((other) => other === node || bad.has(other)));
}

type Failed = NodeOutcome & { readonly failureClass: FailureClass };

function suspicion(
  node: string,
  history: readonly NodeOutcome[],
  rules: FailureRules,
): Quarantine | undefined {
  const here = history.filter((outcome) => outcome.node === node);
  const failures = here.filter(
    (outcome, index): outcome is Failed =>
      outcome.failureClass !== undefined &&
      rules[outcome.failureClass].node !== 'innocent' &&
      (rules[outcome.failureClass].node === 'guilty' ||
        !here.slice(index + 1).some((later) => clears(later, outcome))),
  );
  const is = (verdict: FailureRule['node']) => (outcome: Failed) =>
    rules[outcome.failureClass].node === verdict;
  const guilty = failures.find(is('guilty'));
  if (guilty !== undefined) return { reason: inWords(guilty), broken: true };
  const suspects = failures.filter(is('suspect'));
  const sessions = new Set(suspects.map(({ sessionId }) => sessionId));
  if (sessions.size >= sessionsToSuspect) {
    const classes = [...new Set(suspects.map(({ failureClass }) => failureClass))].join(', ');
    return { reason: `it failed ${sessions.size} sessions in a row (${classes})`, broken: false };
  }
  const proven = failures.find(({ sessionId }) =>
    history.some(
      (outcome) =>
        outcome.sessionId === sessionId && outcome.node !== node && outcome.failureClass === undefined,
    ),
  );
  if (proven === undefined) return undefined;
  const { sessionId, failureClass } = proven;
  return {
    reason: `it failed session ${sessionId} (${failureClass}), which another node completed`,
    broken: false,
  };
}

/** Whether a later success says that an earlier failure was not the node's: it used as much of the node. */
function clears(later: NodeOutcome, failure: NodeOutcome): boolean {
  return later.failureClass === undefined && (later.accelerators ?? 0) >= (failure.accelerators ?? 0);
}

function inWords({ failureClass, sessionId, message }: Failed): string {
  const said = message === undefined ? '' : `: ${message}`;
  return `${failureClass} in session ${sessionId}${said}`;
}
