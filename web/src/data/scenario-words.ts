import { chartFilters } from './shapes-asked.ts';

/** What sends the requests of a chart, by the name that configs give it. */
const known: Readonly<Record<string, string>> = {
  'fixed-seq-len': 'Fixed lengths',
  'agentic-coding': 'Coding agents',
};

/** The group of all other scenarios. */
const otherWorkloads = 'Other workloads';

/** A scenario as an option of a list: the two public ones, and a group of all others. */
export function scenarioOption(value: string): {
  readonly value: string;
  readonly text: string;
  readonly group?: string;
} {
  const text = known[value];
  if (text !== undefined) return { value, text };
  const words = value.replaceAll('-', ' ');
  return { value, text: `${words.charAt(0).toUpperCase()}${words.slice(1)}`, group: otherWorkloads };
}

/** Whether a chart's points replay sessions of coding agents, so that its lengths are bounds and not those of requests. */
export function hasSessions(shape: object): boolean {
  return chartFilters.some(({ name, of }) => name === 'scenario' && of(shape) === 'agentic-coding');
}
