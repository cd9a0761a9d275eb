import type {
  EngineCommand,
  EngineCommandRequest,
  EngineMetrics,
  EngineStep,
  EngineStepsRequest,
} from '../engine.ts';
import { hostOf } from './worker-nodes.ts';

const etcdPort = 2379;
const natsPort = 4222;

/** Where Dynamo's processes find each other: on node 0. */
export const discovery = {
  ETCD_ENDPOINTS: `http://${hostOf(0)}:${etcdPort}`,
  NATS_SERVER: `nats://${hostOf(0)}:${natsPort}`,
};

/** The command of a worker; it finds the other processes through `discovery`. */
export function dynamoWorker(
  program: readonly string[],
  { modelPath, servedModelName, args }: Pick<EngineCommandRequest, 'modelPath' | 'servedModelName' | 'args'>,
): EngineCommand {
  return {
    argv: [...program, '--model-path', modelPath, '--served-model-name', servedModelName, ...args],
    env: discovery,
  };
}

/**
 * Dynamo's services, then its frontends on consecutive nodes. With several frontends, nginx on node 0 balances them
 * behind the port that the load generator uses.
 */
export function dynamoServices(
  { server, host, port }: EngineStepsRequest,
  nodeCount: number,
): readonly EngineStep[] {
  const frontends = Math.min(server.disaggregated?.frontends ?? 1, nodeCount);
  const single = frontends === 1;
  const frontendPort = single ? port : port + 1;
  const onNode = (node: number, name: string, argv: readonly string[]): EngineStep => ({
    name,
    nodes: [node],
    tasksPerNode: 1,
    mpi: false,
    argv,
    env: discovery,
  });
  const balancer: EngineStep = {
    ...onNode(0, 'nginx', ['nginx', '-c', 'nginx.conf', '-p', '.', '-g', 'daemon off;']),
    files: [{ path: 'nginx.conf', content: nginxConfig(frontends, frontendPort, port) }],
  };
  return [
    onNode(0, 'etcd', [
      'etcd',
      '--listen-client-urls',
      `http://0.0.0.0:${etcdPort}`,
      '--advertise-client-urls',
      discovery.ETCD_ENDPOINTS,
      '--data-dir',
      'etcd',
    ]),
    onNode(0, 'nats', ['nats-server', '--jetstream', '--port', String(natsPort), '--store_dir', 'nats']),
    ...Array.from({ length: frontends }, (_, node) =>
      onNode(node, `frontend-${node}`, [
        'python3',
        '-m',
        'dynamo.frontend',
        '--http-host',
        single ? host : '0.0.0.0',
        '--http-port',
        String(frontendPort),
        ...server.args,
      ]),
    ),
    ...(single ? [] : [balancer]),
  ];
}

function nginxConfig(frontends: number, frontendPort: number, port: number): string {
  const servers = Array.from(
    { length: frontends },
    (_, node) => `    server ${hostOf(node)}:${frontendPort};`,
  );
  return [
    'worker_processes auto;',
    'pid nginx.pid;',
    'events { worker_connections 65536; }',
    'http {',
    '  access_log off;',
    '  upstream frontends {',
    ...servers,
    '    keepalive 1024;',
    '  }',
    '  server {',
    `    listen ${port};`,
    '    location / {',
    '      proxy_pass http://frontends;',
    '      proxy_http_version 1.1;',
    '      proxy_set_header Connection "";',
    '      proxy_buffering off;',
    '      proxy_read_timeout 3600s;',
    '    }',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Metrics of Dynamo's frontend, which cover all workers together. */
export const dynamoMetrics: EngineMetrics = {
  path: '/metrics',
  publisher: "Dynamo's frontend",
  names: {
    running: 'dynamo_frontend_inflight_requests',
    waiting: 'dynamo_frontend_queued_requests',
    promptTokens: 'dynamo_frontend_input_sequence_tokens_sum',
    generationTokens: 'dynamo_frontend_output_tokens_total',
    prefixCacheQueries: 'dynamo_frontend_input_sequence_tokens_sum',
    prefixCacheHits: ['dynamo_frontend_cached_tokens_sum', 'dynamo_frontend_cached_tokens_total'],
    finishedRequests: 'dynamo_frontend_requests_total',
  },
  latencies: {
    ttft: 'dynamo_frontend_time_to_first_token_seconds',
    itl: 'dynamo_frontend_inter_token_latency_seconds',
    e2el: 'dynamo_frontend_request_duration_seconds',
  },
};
