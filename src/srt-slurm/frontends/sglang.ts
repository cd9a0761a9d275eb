import { argumentsOf } from '../flags.ts';
import type { FrontendPlace, SrtFrontend } from './frontend.ts';

/** SGLang's router: workers by address, prefill workers with the port of their bootstrap server. */
export const sglang: SrtFrontend = {
  type: 'sglang',
  usesDynamo: false,
  slowsDown: true,
  refusal: () => undefined,
  process: (place) => ({
    argv: [
      'python',
      '-m',
      'sglang_router.launch_router',
      ...workersOf(place),
      '--host',
      '0.0.0.0',
      '--port',
      String(place.port),
      ...argumentsOf(place.recipe.frontend.args),
    ],
    env: { ...place.recipe.frontend.env },
    prepares: false,
  }),
  metricsPort: ({ httpPort }) => httpPort,
  files: () => ({}),
};

function workersOf({ recipe, leaders, addressOf }: FrontendPlace): string[] {
  const urlOf = ({ role, node, httpPort = 0 }: (typeof leaders)[number]) =>
    `${recipe.backend.usesGrpc(role) ? 'grpc' : 'http'}://${addressOf(node)}:${httpPort}`;
  const of = (role: string) => leaders.filter((one) => one.role === role);
  const { prefill_workers: prefill, decode_workers: decode } = recipe.resources;
  if ((prefill ?? 0) + (decode ?? 0) === 0) return ['--worker-urls', ...of('agg').map(urlOf)];
  return [
    '--pd-disaggregation',
    ...of('prefill').flatMap((one) => [
      '--prefill',
      urlOf(one),
      ...(one.bootstrapPort === undefined ? [] : [String(one.bootstrapPort)]),
    ]),
    ...of('decode').flatMap((one) => ['--decode', urlOf(one)]),
  ];
}
