import type { FailureClass, FailureRule, FailureRules } from '../failures/index.ts';

/** The outcome of one session on one node: an engine that served at least one point, or a failure. */
export interface NodeOutcome {
  readonly node: string;
  readonly sessionId: string;
  /** Absent if the node did its work. */
  readonly failureClass?: FailureClass;
  /** Accelerators of the node that the session used. Success on few of them proves nothing about more. */
  readonly accelerators?: number;
  /** The failure in words. */
  readonly message?: string;
}

/** After this many consecutive failed sessions, the node is suspected instead of the sessions. */
const sessionsToSuspect = 2;

/** Why a node is quarantined. */
export interface Quarantine {
  readonly reason: string;
  /** The node is known to be broken, not only suspected, and stays out of use after the sweep. */
  readonly broken: boolean;
}

/**
 * Decides which nodes to quarantine, and why: a node that failed two sessions in a row, that failed a session
 * which another node could complete, or that is known to be broken. The last good node of a pool is never
 * quarantined: the work is more likely at fault, and nothing would be measured.
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

/** Whether a later success clears an earlier failure: it used at least as many accelerators of the node. */
function clears(later: NodeOutcome, failure: NodeOutcome): boolean {
  return later.failureClass === undefined && (later.accelerators ?? 0) >= (failure.accelerators ?? 0);
}

function inWords({ failureClass, sessionId, message }: Failed): string {
  const said = message === undefined ? '' : `: ${message}`;
  return `${failureClass} in session ${sessionId}${said}`;
}
