import { type Host, thisMachine } from '../../src/hosts/index.ts';
import type { Launcher } from '../../src/launchers/launcher.ts';
import type { AnyLauncher } from '../../src/launchers/lifecycle.ts';
import { engineRecords } from '../../src/launchers/place.ts';

/** A launcher of a kind defined by a test, such as one with shorter waits, with its records in a folder. */
export function openLauncher(
  kind: AnyLauncher,
  settings: Readonly<Record<string, unknown>>,
  recordFolder: string,
  host: Host = thisMachine,
): Launcher {
  return kind.open(settings, host, {
    records: engineRecords(recordFolder),
    kindsForSeveralNodes: ['one-for-several-nodes'],
  });
}

/** A statement that creates `launcher`, for a module that runs in another process. */
export function statementThatOpens(
  settings: Readonly<Record<string, unknown>>,
  recordFolder: string,
): string {
  const place = new URL('../../src/launchers/place.ts', import.meta.url).href;
  return `import { launcherFor } from ${JSON.stringify(place)};
    const launcher = launcherFor(${JSON.stringify(settings)}, { recordFolder: ${JSON.stringify(recordFolder)} });`;
}
