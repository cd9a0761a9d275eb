import type { EngineName } from './engine.ts';
import { engines } from './list.ts';

/** Engines that public results name and this product does not start. */
const onlyInResults: readonly EngineName[] = [
  { framework: 'atom-disagg', title: 'ATOM, disaggregated', marker: 'triangle-left' },
  { framework: 'dynamo-vllm', title: 'vLLM via Dynamo', marker: 'pentagon' },
  { framework: 'vllm-disagg', title: 'vLLM, disaggregated', marker: 'triangle-down' },
];

/** Every engine that is known by name, whether this product starts it or not. */
export const engineNames: readonly EngineName[] = [
  ...engines.flatMap(({ framework, title, marker, publishedAs }) => [
    { framework, title, marker },
    ...(publishedAs === undefined ? [] : [{ ...publishedAs, marker }]),
  ]),
  ...onlyInResults,
];

/** What people call an engine; its key where no name is known. */
export function engineTitle(framework: string): string {
  return engineNames.find((engine) => engine.framework === framework)?.title ?? framework;
}
