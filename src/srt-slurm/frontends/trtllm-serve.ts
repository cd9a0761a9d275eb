import { defined } from '../../defined/defined.ts';
import { argumentsOf } from '../flags.ts';
import { inContainer } from '../job-place.ts';
import { isDisaggregated } from '../resources.ts';
import type { FrontendPlace, SrtFrontend } from './frontend.ts';

const file = 'ser.yaml';

/** TensorRT-LLM's own server: the single aggregated worker, or an orchestrator before prefill and decode workers. */
export const trtllmServe: SrtFrontend = {
  type: 'trtllm_serve',
  usesDynamo: false,
  slowsDown: false,
  refusal: ({ backend, frontend, resources }) => {
    if (backend.type !== 'trtllm') return `needs the backend trtllm; found ${backend.type}`;
    if (frontend.enable_multiple_frontends)
      return 'has one endpoint, so enable_multiple_frontends must be false';
    if (!isDisaggregated(resources) && resources.agg_workers !== 1)
      return 'needs exactly one aggregated worker';
    return undefined;
  },
  process: ({ recipe }) =>
    isDisaggregated(recipe.resources)
      ? {
          argv: [
            'trtllm-serve',
            'disaggregated',
            '--config',
            inContainer(file),
            ...argumentsOf(recipe.frontend.args),
          ],
          env: { ...recipe.frontend.env },
          mpi: 'pmix',
          prepares: false,
        }
      : undefined,
  metricsPort: ({ httpPort }) => httpPort,
  files: (place) => (isDisaggregated(place.recipe.resources) ? { [file]: serversOf(place) } : {}),
};

function serversOf({ recipe, leaders, addressOf, port }: FrontendPlace) {
  const { ctx_router: context, gen_router: generation, server_config_extra: extra } = recipe.frontend;
  const servers = (role: string, router: object | null | undefined) => {
    const urls = leaders
      .filter((one) => one.role === role)
      .map(({ node, httpPort = 0 }) => `${addressOf(node)}:${httpPort}`);
    return { num_instances: urls.length, urls, ...defined({ router: router ?? undefined }) };
  };
  return {
    context_servers: servers('prefill', context),
    generation_servers: servers('decode', generation),
    hostname: '0.0.0.0',
    port,
    ...extra,
  };
}
