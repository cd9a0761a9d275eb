import type { FailureRules } from '../failures/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { SessionEnd } from './context.ts';
import type { SweepNode } from './node.ts';
import { type NodeOutcome, quarantined } from './node-health.ts';
import { reservationOf } from './reservation.ts';

/** A node that is known to be broken. */
export interface BrokenNode {
  readonly pool: string;
  /** The pool's name for the node, or the cluster's if the cluster chooses nodes itself. */
  readonly node: string;
  readonly reason: string;
  readonly sinceAt: string;
}

/** A node that is out of use from now on. */
export interface NodeOut extends Omit<BrokenNode, 'sinceAt'> {
  /** It is known to be broken, not only suspected. */
  readonly broken: boolean;
}

/**
 * Tracks which nodes of a sweep are in use and which are quarantined: its own nodes and those that clusters
 * choose.
 */
export class NodeUse {
  readonly #nodes: readonly SweepNode[];
  readonly #rules: FailureRules;
  readonly #outcomes: NodeOutcome[] = [];
  readonly #out = new Set<string>();
  /** Nodes that clusters must exclude, by pool. */
  readonly #excluded = new Map<string, Set<string>>();
  readonly #broken: readonly BrokenNode[];

  /** @param broken Nodes that earlier sweeps found broken. */
  constructor(nodes: readonly SweepNode[], rules: FailureRules, broken: readonly BrokenNode[]) {
    this.#nodes = nodes;
    this.#rules = rules;
    this.#broken = broken.filter(({ node, pool }) => this.#takeOut(node, pool));
  }

  isOut(name: string): boolean {
    return this.#out.has(name);
  }

  /** The nodes that a pool's cluster must not choose. */
  excludedFrom(pool: string): readonly string[] {
    return [...(this.#excluded.get(pool) ?? [])];
  }

  /** Nodes of these pools that are out of use since an earlier sweep, with the command that returns them. */
  brokenOf(pools: ReadonlySet<string>): readonly BrokenNode[] {
    return this.#broken
      .filter(({ pool }) => pools.has(pool))
      .map(({ reason, ...broken }) => ({
        ...broken,
        reason: `${reason} (since ${broken.sinceAt.slice(0, 10)}; \`inferencemax doctor --pool ${broken.pool} --node ${broken.node}\` returns it to service)`,
      }));
  }

  /** Records the outcome of a session on a node, and quarantines nodes at fault; these are returned. */
  judge(
    session: EngineSession,
    { name, pool, launcher }: SweepNode,
    { failures, nodes }: Pick<SessionEnd, 'failures' | 'nodes'>,
    served: boolean,
  ): NodeOut[] {
    const sized = { sessionId: session.id, accelerators: reservationOf(session).acceleratorCount };
    for (const { failureClass, message, nodes: where } of failures) {
      // If a cluster chose several nodes, only named ones can be blamed.
      const names = launcher.choosesNodes === true && nodes.length > 0 ? (where ?? []) : [name];
      for (const node of names) this.#outcomes.push({ node, ...sized, failureClass, message });
    }
    if (served) for (const node of nodes.length > 0 ? nodes : [name]) this.#outcomes.push({ node, ...sized });
    const pools = Map.groupBy(this.#nodes, (node) => node.pool);
    const bad = quarantined(
      this.#outcomes,
      [...pools.values()].map((each) => each.map((node) => node.name)),
      this.#rules,
    );
    return [...bad].flatMap(([node, { reason, broken }]) =>
      this.#takeOut(node, pool) ? [{ node, pool, reason, broken }] : [],
    );
  }

  /**
   * Takes a node out of use. Returns false if it was out already or is the last of its pool, which stays in
   * use.
   */
  #takeOut(node: string, pool: string): boolean {
    const homes = this.#nodes.filter(({ name }) => name === node).map((own) => own.pool);
    if (homes.length === 0) {
      const excluded = this.#excluded.get(pool) ?? new Set();
      this.#excluded.set(pool, excluded);
      const isNew = !excluded.has(node);
      excluded.add(node);
      return isNew;
    }
    const isLast = homes.some((home) =>
      this.#nodes.every((each) => each.pool !== home || each.name === node || this.#out.has(each.name)),
    );
    if (isLast || this.#out.has(node)) return false;
    this.#out.add(node);
    return true;
  }
}
