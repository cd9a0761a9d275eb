import type { EngineName } from './engine.ts';
import { engines } from './list.ts';

/** Engines that appear in public results but cannot be started here. */
const onlyInResults: readonly EngineName[] = [
  { framework: 'atom-disagg', title: 'ATOM, disaggregated', marker: 'triangle-left' },
  { framework: 'dynamo-vllm', title: 'vLLM via Dynamo', marker: 'pentagon' },
  { framework: 'vllm-disagg', title: 'vLLM, disaggregated', marker: 'triangle-down' },
];

/** All engines with a known name, whether or not they can be started here. */
export const engineNames: readonly EngineName[] = [
  ...engines.flatMap(({ framework, title, marker, publishedAs }) => [
    { framework, title, marker },
    ...(publishedAs === undefined ? [] : [{ ...publishedAs, marker }]),
  ]),
  ...onlyInResults,
];

/** The display name of an engine; its key if it has none. */
export function engineTitle(framework: string): string {
  return engineNames.find((engine) => engine.framework === framework)?.title ?? framework;
}
