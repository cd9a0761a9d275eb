import type { HeaderField } from '../../transports/transport.ts';

/** The session of a request. */
export interface SessionIds {
  readonly id: string;
  /** Of a child: the session that started it. */
  readonly parentId: string | undefined;
}

/** Headers by which one kind of router keeps a session on one worker. */
export interface AffinityHeaders {
  readonly router: string;
  /** Names of such routers in configs, or their beginning. */
  readonly named: readonly string[];
  headers(session: SessionIds): readonly HeaderField[];
}

export const affinityHeaders: readonly AffinityHeaders[] = [
  {
    router: 'dynamo',
    named: ['dynamo'],
    headers: ({ id, parentId }) => [
      ['X-Dynamo-Session-ID', id],
      ...(parentId === undefined ? [] : [['X-Dynamo-Parent-Session-ID', parentId] as const]),
    ],
  },
  { router: 'smg', named: ['sglang-router', 'smg'], headers: ({ id }) => [['X-SMG-Routing-Key', id]] },
  { router: 'session', named: ['vllm-router'], headers: ({ id }) => [['X-Session-ID', id]] },
];

/** The headers for routers by their names in configs. */
export function affinityOf(names: readonly string[]): readonly AffinityHeaders[] {
  return affinityHeaders.filter(({ named }) =>
    named.some((beginning) => names.some((name) => name.startsWith(beginning))),
  );
}

export const affinityRouters: readonly string[] = affinityHeaders.map(({ router }) => router);
