import { z } from 'zod';
import { environment, fields, nullable, text } from '../schema-parts.ts';

/** The `frontend` of a recipe. */
export const frontendSchema = z.strictObject({
  /** One of the frontends of `list.ts`. */
  type: text.default('dynamo'),
  enable_multiple_frontends: z.boolean().default(true),
  num_additional_frontends: z.int().min(0).default(9),
  nginx_container: text.default('nginx:1.27.4'),
  nginx_raise_ulimit: z.boolean().default(false),
  nginx_session_affinity: z.boolean().default(false),
  nginx_session_affinity_header: text.default('X-Dynamo-Session-ID'),
  nginx_keepalive_timeout: text.default('600s'),
  args: nullable(fields),
  env: environment.nullable(),
  ctx_router: nullable(fields),
  gen_router: nullable(fields),
  server_config_extra: nullable(fields),
  orchestrator_placement: z.enum(['head', 'first_decode', 'last_decode']).default('head'),
  dedicated_node: z.boolean().default(false),
});
