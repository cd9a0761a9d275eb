import { type LocatedConfigs, matchConfigKeys } from '../../../config/index.ts';
import { type Decision, isAgentic, isMultiNode } from '../../../matrix/index.ts';

/**
 * Lists, for each part of the matching configs, its line and the entries it produces, or the filter that removed it.
 */
export function explain(
  key: string,
  decisions: readonly Decision[],
  { configs, locate }: LocatedConfigs,
): string {
  const keys = matchConfigKeys([key], [...configs.keys()]);
  return keys
    .map((name) => {
      const parts = decisions.filter((decision) => decision.key === name);
      const count = parts.reduce((sum, { entries }) => sum + entries.length, 0);
      const lines = parts.map((part) => {
        const { file, line } = locate(name, part.path);
        return `  ${file}:${line}: ${outcome(part)}`;
      });
      return `${[`${name}: ${count} entries`, ...lines].join('\n')}\n`;
    })
    .join('');
}

function outcome({ entries, droppedBy }: Decision): string {
  const [first] = entries;
  if (first === undefined) return droppedBy === undefined ? 'makes nothing' : `dropped by ${droppedBy}`;
  const concurrencies = entries.flatMap((entry) => (isMultiNode(entry) ? entry.conc : [entry.conc]));
  const layout = isMultiNode(first) ? 'multi-node' : `tp${first.tp} ep${first.ep}`;
  return `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}: ${isAgentic(first) ? 'traces' : `${first.isl}/${first.osl}`}, ${layout}, concurrency ${concurrencies.join(' ')}`;
}
