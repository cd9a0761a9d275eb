import { withFingerprint } from '../identity/index.ts';
import { augustSeqLenName, type GeneratedEntry, isAgentic, isMultiNode } from '../matrix/index.ts';
import type { AugustRerun, ChangelogMetadata } from './contract.ts';

/** Points and checks of answers as the public matrix has them (contract F4). */
export function publishedMatrix(
  points: readonly GeneratedEntry[],
  checks: readonly GeneratedEntry[],
  metadata: ChangelogMetadata,
): AugustRerun {
  const isOnNode = (entry: GeneratedEntry) => !isMultiNode(entry);
  const checked = checks.map(filled);
  const lists = (nodes: (entry: GeneratedEntry) => boolean, traces: boolean) =>
    checked.filter((entry) => nodes(entry) && isAgentic(entry) === traces);
  const measured = points.map(published);
  return {
    single_node: byShape(measured.filter(isOnNode)),
    multi_node: byShape(measured.filter(isMultiNode)),
    evals: lists(isOnNode, false),
    agentic_evals: lists(isOnNode, true),
    multinode_evals: lists(isMultiNode, false),
    multinode_agentic_evals: lists(isMultiNode, true),
    changelog_metadata: metadata,
  };
}

/** An entry of throughput, with what says on which server it is measured. */
export function published(entry: GeneratedEntry): GeneratedEntry {
  const whole = withFingerprint(filled(entry));
  if (!isAgentic(whole)) return whole;
  const { 'run-eval': _, ...traces } = whole;
  return traces;
}

/** What the public matrix writes though it is at its default. */
function filled(entry: GeneratedEntry): GeneratedEntry {
  const marks = isAgentic(entry) ? {} : isMultiNode(entry) ? marksOnNodes : marksOnNode;
  if (!isMultiNode(entry)) return { ...marks, ...entry };
  const { prefill, decode } = entry;
  return { ...marks, ...entry, prefill: { ...noSettings, ...prefill }, decode: { ...noSettings, ...decode } };
}

const marksOnNode = { 'eval-only': false };
const marksOnNodes = { ...marksOnNode, 'eval-all-concs': false };
const noSettings = { 'additional-settings': [] };

function byShape(entries: readonly GeneratedEntry[]): Record<string, GeneratedEntry[]> {
  return Object.fromEntries(Map.groupBy(entries, shapeOf));
}

function shapeOf(entry: GeneratedEntry): string {
  return isAgentic(entry) ? 'agentic' : augustSeqLenName(entry.isl, entry.osl);
}
