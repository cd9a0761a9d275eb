import { publicPort } from '../ports.ts';
import { isDisaggregated } from '../resources.ts';
import type { SrtFrontend } from './frontend.ts';

/** `vllm serve` itself: the single aggregated worker has the public port. */
export const vllm: SrtFrontend = {
  type: 'vllm',
  usesDynamo: false,
  slowsDown: false,
  refusal: ({ backend, frontend, resources }) => {
    if (backend.type !== 'vllm') return `needs the backend vllm; found ${backend.type}`;
    if (frontend.enable_multiple_frontends)
      return 'has one endpoint, so enable_multiple_frontends must be false';
    if (isDisaggregated(resources))
      return 'has no router, so prefill and decode workers need another frontend';
    if (resources.agg_workers !== 1) return 'has no router, so it needs exactly one aggregated worker';
    return undefined;
  },
  process: () => undefined,
  metricsPort: () => publicPort,
  files: () => ({}),
};
