import { etcdPort, natsPort } from './ports.ts';
import type { SrtRecipe } from './recipe-schema.ts';

/** How processes of Dynamo find each other. */
export function dynamoEnvironment(infra: string): Record<string, string> {
  return {
    ETCD_ENDPOINTS: `http://${infra}:${etcdPort}`,
    NATS_SERVER: `nats://${infra}:${natsPort}`,
    DYN_SKIP_SGLANG_LOG_FORMATTING: '1',
  };
}

/** The variables that a recipe sets everywhere, with those of Dynamo's wheels. */
export function recipeEnvironment({ dynamo, environment }: SrtRecipe): Record<string, string> {
  const { wheel } = dynamo;
  const ofWheel =
    wheel == null ? {} : { DYNAMO_WHEEL_NAME: `ai_dynamo-${wheel}-py3-none-any.whl`, DYNAMO_VERSION: wheel };
  return { ...ofWheel, ...environment };
}
