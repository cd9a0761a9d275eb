import type { SrtRecipe } from './recipe-schema.ts';

interface Upstream {
  /** Addresses of the frontends. */
  readonly frontends: readonly string[];
  readonly frontendPort: number;
  readonly port: number;
}

/**
 * The configuration of nginx before several frontends: in turn, or by session. Requests of a session without its header
 * get an id each, so that they do not all go to one frontend. Connections stay open as long as the recipe says, because
 * an agent can pause for minutes between its requests.
 */
export function nginxConfig({ frontend }: SrtRecipe, { frontends, frontendPort, port }: Upstream): string {
  const session = `$http_${frontend.nginx_session_affinity_header.toLowerCase().replaceAll('-', '_')}`;
  const bySession = frontend.nginx_session_affinity;
  const open = frontend.nginx_keepalive_timeout;
  return `${[
    'worker_processes auto;',
    ...(frontend.nginx_raise_ulimit ? ['worker_rlimit_nofile 1048576;'] : []),
    'http {',
    '  client_max_body_size 45m;',
    '  access_log off;',
    ...(bySession
      ? [`  map ${session} $frontend_hash_key {`, `    default ${session};`, '    "" $request_id;', '  }']
      : []),
    `  keepalive_timeout ${open};`,
    '  upstream backend_servers {',
    ...(bySession ? ['    hash $frontend_hash_key consistent;'] : []),
    ...frontends.map((address) => `    server ${address}:${frontendPort};`),
    '    keepalive 512;',
    `    keepalive_timeout ${open};`,
    '  }',
    '  server {',
    `    listen ${port};`,
    '    location / {',
    '      proxy_pass http://backend_servers;',
    '      proxy_buffering off;',
    '      proxy_read_timeout 24h;',
    '      proxy_send_timeout 24h;',
    '      proxy_http_version 1.1;',
    '      proxy_set_header Connection "";',
    '    }',
    '  }',
    '}',
    'events {',
    '  worker_connections 65535;',
    '  multi_accept on;',
    '  use epoll;',
    '}',
  ].join('\n')}\n`;
}
