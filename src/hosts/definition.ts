import type { z } from 'zod';
import type { Fault } from '../errors.ts';
import type { Finding } from '../finding.ts';
import type { Host } from './host.ts';

/** A way to reach other machines. */
export interface HostDefinition<Settings extends z.ZodObject> {
  /** As pools write it, in the place of a launcher's kind. */
  readonly kind: string;
  /** Its fields in a pool's file, beside `launcher` and `on`, the launcher there. */
  readonly settings: Settings;
  /** The host that settings describe. */
  connect(settings: z.output<Settings>): Host;
  /** What keeps this machine from asking a server there that listens on an address; undefined if nothing is known to. */
  reachFault(settings: z.output<Settings>, listensOn: string): Fault | undefined;
  /** Whether the host can be reached; `file` is where the settings are written. */
  examine(settings: z.output<Settings>, file: string): Promise<readonly Finding[]>;
}

/** The same in a list with all others: it takes any settings that its schema takes. */
export interface RemoteHost {
  readonly kind: string;
  readonly settings: z.ZodObject;
  connect(settings: unknown): Host;
  reachFault(settings: unknown, listensOn: string): Fault | undefined;
  examine(settings: unknown, file: string): Promise<readonly Finding[]>;
}

export function defineHost<Settings extends z.ZodObject>(definition: HostDefinition<Settings>): RemoteHost {
  const { kind, settings: schema } = definition;
  return {
    kind,
    settings: schema,
    connect: (settings) => definition.connect(schema.parse(settings)),
    reachFault: (settings, listensOn) => definition.reachFault(schema.parse(settings), listensOn),
    examine: async (settings, file) => await definition.examine(schema.parse(settings), file),
  };
}
