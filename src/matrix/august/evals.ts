import {
  type AgenticNodeEntry,
  type AgenticRolesEntry,
  type EvalMarks,
  type GeneratedEntry,
  isAgentic,
  isMultiNode,
  type MultiNodeEntry,
  type SingleNodeEntry,
} from '../../identity/entry.ts';
import type { Decision, EvalSelection } from '../decision.ts';
import { seqLenName } from './names.ts';

/** Accuracy is checked at this shape, and from this many requests in flight upwards (contract F3). */
const checkedShape = '8k1k';
const leastConc = 16;

type RolesEntry = MultiNodeEntry | AgenticRolesEntry;
type NodeEntry = SingleNodeEntry | AgenticNodeEntry;

/** Marks the entries to check for accuracy; drops all others if only checks are wanted. */
export function withEvals(decisions: readonly Decision[], evals: EvalSelection | undefined): Decision[] {
  if (evals === undefined) return [...decisions];
  const entries = decisions.flatMap((decision) => decision.entries);
  const chosen = evals.all ? allMarked(entries) : selected(entries, evals.only);
  const isOnly = evals.only || evals.all;
  return decisions.map((decision) => {
    const marked = decision.entries.flatMap((entry): GeneratedEntry[] => {
      const checked = chosen.get(entry);
      if (checked === undefined) return isOnly ? [] : [entry];
      return [isOnly ? { ...checked, 'eval-only': true } : checked];
    });
    if (marked.length > 0 || decision.entries.length === 0) return { ...decision, entries: marked };
    return { ...decision, entries: [], droppedBy: evals.all ? '--all-evals' : '--evals-only' };
  });
}

/** Marked entries by their unmarked originals. */
type Chosen = Map<GeneratedEntry, GeneratedEntry>;

/** The entries that the contract selects; agentic ones only if nothing but checks is wanted. */
function selected(entries: readonly GeneratedEntry[], only: boolean): Chosen {
  const chosen: Chosen = new Map();
  const nodes = entries.filter(isOnNode);
  for (const group of groupsBy(nodes.filter(isChecked), nodeKey)) {
    const concs = [...new Set(group.map(({ conc }) => conc))].toSorted((a, b) => a - b);
    const wanted = [concs[Math.floor(concs.length / 2)], concs.at(-1)];
    for (const entry of group) if (wanted.includes(entry.conc)) chosen.set(entry, checked(entry));
  }
  const roles = entries.filter(isOnNodes);
  for (const group of groupsBy(
    roles.filter((entry) => only || !isAgentic(entry)).filter(isCheckedSomewhere),
    topologyKey,
  )) {
    const best = firstHighest(group, ({ conc }) => Math.max(...conc));
    if (best !== undefined) chosen.set(best, checked(best, { 'eval-conc': Math.max(...best.conc) }));
  }
  if (!only) return chosen;
  for (const group of groupsBy(nodes.filter(isAgentic), agentsKey)) {
    const best = firstHighest(group, ({ conc }) => conc);
    if (best !== undefined) chosen.set(best, checked(best));
  }
  return chosen;
}

/** All entries with the checked shape and all agentic ones; multi-node entries with the same topology are merged. */
function allMarked(entries: readonly GeneratedEntry[]): Chosen {
  const chosen: Chosen = new Map();
  for (const entry of entries.filter(isOnNode)) if (hasCheckedShape(entry)) chosen.set(entry, checked(entry));
  for (const group of groupsBy(entries.filter(isOnNodes).filter(hasCheckedShape), topologyKey)) {
    const [first] = group;
    if (first === undefined) continue;
    const conc = [...new Set(group.flatMap((entry) => entry.conc))].toSorted((a, b) => a - b);
    const marks = isAgentic(first) ? { 'eval-conc': Math.max(...conc) } : { 'eval-all-concs': true };
    chosen.set(first, checked({ ...first, conc }, marks));
  }
  return chosen;
}

function checked<Entry extends GeneratedEntry>(entry: Entry, marks: EvalMarks = {}): Entry {
  return { ...entry, 'run-eval': true, ...marks };
}

function isOnNode(entry: GeneratedEntry): entry is NodeEntry {
  return !isMultiNode(entry);
}

function isOnNodes(entry: GeneratedEntry): entry is RolesEntry {
  return isMultiNode(entry);
}

/** The longest prompt and reply of a workload are not its shape. */
function hasCheckedShape(entry: GeneratedEntry): boolean {
  if (!isAgentic(entry) && entry.traffic !== undefined) return false;
  return isAgentic(entry) || seqLenName(entry.isl, entry.osl) === checkedShape;
}

function isChecked(entry: NodeEntry): entry is SingleNodeEntry {
  return !isAgentic(entry) && hasCheckedShape(entry) && entry.conc >= leastConc;
}

function isCheckedSomewhere(entry: RolesEntry): boolean {
  return hasCheckedShape(entry) && entry.conc.some((conc) => conc >= leastConc);
}

function groupsBy<Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => string): Iterable<Entry[]> {
  return Map.groupBy(entries, keyOf).values();
}

function nodeKey(entry: SingleNodeEntry): string {
  const { model, runner, framework, precision, isl, osl } = entry;
  return JSON.stringify([
    model,
    runner,
    framework,
    precision,
    isl,
    osl,
    entry['spec-decoding'],
    entry['dp-attn'],
  ]);
}

function agentsKey({ model, runner, framework, precision }: GeneratedEntry): string {
  return JSON.stringify([model, runner, framework, precision]);
}

/** What multi-node entries with the same topology share: everything except how they are measured. */
function topologyKey({ conc: _, 'exp-name': __, 'run-eval': ___, ...rest }: RolesEntry): string {
  return JSON.stringify(rest);
}

function firstHighest<Entry>(entries: readonly Entry[], weight: (entry: Entry) => number): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of entries) if (best === undefined || weight(entry) > weight(best)) best = entry;
  return best;
}
