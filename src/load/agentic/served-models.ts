import { type AgentTrace, isSubagent } from './trace.ts';

/**
 * Maps recorded model names to the served ones: the main model of the trace, which is that of its first request, to the
 * first; further models in order of appearance, starting again after the last served one.
 */
export function servedModels(trace: AgentTrace, served: readonly string[]): (recorded: string) => string {
  const [first] = served;
  if (first === undefined) return (recorded) => recorded;
  const own = trace.requests.find((request) => !isSubagent(request));
  const all = trace.requests.flatMap((request) => (isSubagent(request) ? request.requests : [request]));
  const names = [
    ...new Set([...(own === undefined || isSubagent(own) ? [] : [own]), ...all].map(({ model }) => model)),
  ];
  return (recorded) => served[names.indexOf(recorded) % served.length] ?? first;
}
