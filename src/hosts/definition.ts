import type { z } from 'zod';
import type { Fault } from '../errors.ts';
import type { Finding } from '../finding.ts';
import type { Host } from './host.ts';

/** A way to reach other machines. */
export interface HostDefinition<Settings extends z.ZodObject> {
  /** Its value in pools, where a launcher's kind would be. */
  readonly kind: string;
  /** Its fields in a pool's file, besides `launcher` and `on` (the launcher on that host). */
  readonly settings: Settings;
  /** Creates the host that settings describe. */
  connect(settings: z.output<Settings>): Host;
  /**
   * Explains why this machine cannot send requests to a server that listens on the address `listensOn` of the host;
   * undefined if it can, as far as is known.
   */
  reachFault(settings: z.output<Settings>, listensOn: string): Fault | undefined;
  /** Checks whether the host can be reached; `file` contains the settings. */
  examine(settings: z.output<Settings>, file: string): Promise<readonly Finding[]>;
}

/** Any kind of remote host, with untyped settings; they are parsed by its schema. */
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
