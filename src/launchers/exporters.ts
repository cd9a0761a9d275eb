import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { vendorNamed } from '../accelerators/index.ts';
import { attempt, type Finding } from '../finding.ts';
import type { Host, Reached } from '../hosts/index.ts';
import { gpusIn, metricsAt, type NodeExporter } from '../telemetry/index.ts';
import type { LauncherDefinition } from './definition.ts';
import type { ReachedExporters } from './launcher.ts';
import type { LauncherSettings } from './settings.ts';

/** Nodes with exporters, and how to find their addresses. */
export interface ExporterSite {
  readonly host: Host;
  readonly definition: Pick<LauncherDefinition, 'addressOf'>;
  readonly nodes: readonly string[];
  /** The time after which an exporter that collects once a second has new values. */
  readonly collectedAgainMs?: number;
}

/** Opens the way to the exporter of each node; undefined if the pool names none. */
export async function reachExporters(
  { host, definition, nodes }: ExporterSite,
  { 'dcgm-exporter': where }: Pick<LauncherSettings, 'dcgm-exporter'>,
  signal: AbortSignal,
): Promise<ReachedExporters | undefined> {
  if (where === undefined) return undefined;
  const opened: Reached[] = [];
  const exporterOf = async (node: string): Promise<NodeExporter> => {
    if (typeof where === 'string') return { node, place: metricsAt(where.replaceAll('{node}', node)) };
    try {
      const address = (await definition.addressOf?.(node, host)) ?? '127.0.0.1';
      const reached = await host.reach(address, where, { signal });
      opened.push(reached);
      return { node, place: metricsAt(`${reached.baseUrl}/metrics`) };
    } catch (error) {
      signal.throwIfAborted();
      const read = async () => await Promise.reject(error);
      return { node, place: { url: `port ${where} of ${node}`, read } };
    }
  };
  const close = async () => void (await Promise.all(opened.map((one) => one.close())));
  try {
    return { exporters: await Promise.all(nodes.map(exporterOf)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const answerTimeoutMs = 5_000;

/** Doctor checks of the exporters: each answers, has every GPU of its node, and collects once a second. */
export async function examineExporters(
  site: ExporterSite,
  settings: LauncherSettings,
  file: string,
): Promise<readonly Finding[]> {
  const reached = await reachExporters(site, settings, AbortSignal.timeout(answerTimeoutMs));
  if (reached === undefined) return [];
  try {
    const findings = reached.exporters.map(
      async (one) => await examineExporter(one, settings, { file, waitMs: site.collectedAgainMs ?? 1_500 }),
    );
    return (await Promise.all(findings)).flat();
  } finally {
    await reached.close();
  }
}

async function examineExporter(
  { node, place }: NodeExporter,
  settings: LauncherSettings,
  { file, waitMs }: { readonly file: string; readonly waitMs: number },
): Promise<readonly Finding[]> {
  const check = 'dcgm-exporter';
  const todo = `start dcgm-exporter on ${node}, or correct dcgm-exporter in ${file}; without it, rows have no valid power`;
  return await attempt(check, todo, async (): Promise<Finding[]> => {
    const read = async () => gpusIn(await place.read(answerTimeoutMs), String);
    const gpus = await read();
    const wanted = settings['accelerators-per-node'];
    const message = `${place.url} reports the power of ${gpus.length} GPU${gpus.length === 1 ? '' : 's'}`;
    if (vendorNamed(settings.accelerator).hasDevices && gpus.length !== wanted)
      return [
        {
          check,
          state: 'problem',
          message: `${message}, and the pool says ${wanted}`,
          todo: `let the exporter see every GPU of the node, or correct accelerators-per-node in ${file}`,
        },
      ];
    await delay(waitMs);
    if (!isDeepStrictEqual(await read(), gpus)) return [{ check, state: 'ok', message }];
    return [
      {
        check,
        state: 'warning',
        message: `${message}, but nothing changed within ${waitMs / 1000} s`,
        todo: 'start dcgm-exporter with --collect-interval=1000: its default is one reading in 30 s, too few for the power of a benchmark',
      },
    ];
  });
}
