import { defined } from '../../defined/defined.ts';
import { dynamoEnvironment, recipeEnvironment } from '../environment.ts';
import { argumentsOf } from '../flags.ts';
import type { SrtFrontend } from './frontend.ts';

/** Dynamo's frontend, which finds workers through etcd. */
export const dynamo: SrtFrontend = {
  type: 'dynamo',
  usesDynamo: true,
  slowsDown: false,
  refusal: () => undefined,
  process: ({ recipe, infra, port }) => ({
    argv: ['python3', '-m', 'dynamo.frontend', `--http-port=${port}`, ...argumentsOf(recipe.frontend.args)],
    env: {
      ...dynamoEnvironment(infra),
      DYN_REQUEST_PLANE: recipe.dynamo.request_plane,
      ...defined({ DYN_EVENT_PLANE: recipe.dynamo.event_plane ?? undefined }),
      ...recipeEnvironment(recipe),
      ...recipe.frontend.env,
    },
    mpi: 'pmix',
    prepares: true,
  }),
  metricsPort: ({ systemPort }) => systemPort,
  files: () => ({}),
};
