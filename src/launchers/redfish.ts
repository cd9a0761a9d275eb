import { defined } from '../defined/defined.ts';
import { attempt, type Finding } from '../finding.ts';
import { type Host, thisMachine } from '../hosts/index.ts';
import { type RedfishAccess, redfish } from '../telemetry/index.ts';
import type { LauncherSettings } from './settings.ts';

/** How to read the management controllers of these nodes; undefined if the pool names none. */
export function redfishAccess(
  { redfish: settings }: Pick<LauncherSettings, 'redfish'>,
  nodes: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RedfishAccess | undefined {
  if (settings === undefined) return undefined;
  const { url, user, password, chassis } = settings;
  const unset = [user, password].find((name) => (environment[name] ?? '') === '');
  return {
    urls: nodes.map((node) => url.replaceAll('{node}', node)),
    credentials:
      unset === undefined
        ? { user: environment[user] ?? '', password: environment[password] ?? '' }
        : { unset },
    ...defined({ chassis }),
  };
}

const answerTimeoutMs = 10_000;

/** Doctor checks of the management controllers: each reports the power of its machine. */
export async function examineRedfish(
  settings: Pick<LauncherSettings, 'redfish'>,
  nodes: readonly string[],
  { file, host = thisMachine }: { readonly file: string; readonly host?: Host },
): Promise<readonly Finding[]> {
  const findings = nodes.map(async (node) => {
    const access = redfishAccess(settings, [node]);
    if (access === undefined) return [];
    const check = 'redfish';
    const todo = `correct redfish in ${file}; without it, results have no power of the whole machine`;
    return await attempt(check, todo, async (): Promise<Finding[]> => {
      const readings = (await redfish.open({ host, redfish: access })?.(answerTimeoutMs)) ?? [];
      const watts = readings.map(({ value }) => `${value} W`).join();
      return [{ check, state: 'ok', message: `${access.urls.join()} reports ${watts} for ${node}` }];
    });
  });
  return (await Promise.all(findings)).flat();
}
