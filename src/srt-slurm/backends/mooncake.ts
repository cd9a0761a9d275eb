import type { JobPlace } from '../job-place.ts';
import { mooncakePorts } from '../ports.ts';

/** What a client of Mooncake's store needs; the recipe may set another address for its node. */
export function mooncakeEnvironment(
  node: string,
  env: Readonly<Record<string, string>>,
  place: JobPlace,
): Record<string, string> {
  const infra = place.addressOf(place.infra);
  return {
    MOONCAKE_LOCAL_HOSTNAME: place.addressOf(node),
    ...env,
    MOONCAKE_MASTER: `${infra}:${mooncakePorts.rpc}`,
    MOONCAKE_TE_META_DATA_SERVER: `http://${infra}:${mooncakePorts.metadata}/metadata`,
  };
}

/** The command of Mooncake's master, which also serves metadata and metrics. */
export function mooncakeMaster(extra: readonly string[]): string[] {
  return [
    'mooncake_master',
    `--port=${mooncakePorts.rpc}`,
    '--enable_http_metadata_server=true',
    `--http_metadata_server_port=${mooncakePorts.metadata}`,
    '--eviction_high_watermark_ratio=0.9',
    '--default_kv_lease_ttl=10000',
    '--rpc_thread_num=16',
    '--enable_metric_reporting=true',
    `--metrics_port=${mooncakePorts.metrics}`,
    ...extra,
  ];
}
