import { z } from 'zod';
import { environment, fields, text } from '../schema-parts.ts';

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
  args: fields.nullable().exactOptional(),
  env: environment.nullable(),
  ctx_router: fields.nullable().exactOptional(),
  gen_router: fields.nullable().exactOptional(),
  server_config_extra: fields.nullable().exactOptional(),
  orchestrator_placement: z.enum(['head', 'first_decode', 'last_decode']).default('head'),
  dedicated_node: z.boolean().default(false),
});
