import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import type { ServerFacts } from '../identity/index.ts';
import type { StateFolder } from './state-folder.ts';

const serversFile = z.record(
  z.string(),
  z.object({
    model: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
);

/** A server by its address, without a password, and the model it serves. */
export interface NamedServer {
  readonly address: string;
  readonly model: string;
}

/** The facts given about a server earlier; empty if it now serves another model. */
export async function rememberedFacts(
  state: StateFolder,
  { address, model }: NamedServer,
): Promise<ServerFacts> {
  const known = (await readServers(state))[address];
  return known?.model === model ? known.facts : {};
}

/** Saves the facts given about a server for the next time. */
export async function rememberFacts(
  state: StateFolder,
  { address, model }: NamedServer,
  facts: ServerFacts,
): Promise<void> {
  const servers = { ...(await readServers(state)), [address]: { model, facts } };
  await writeFileAtomically(state.servers, `${JSON.stringify(servers, null, 2)}\n`);
}

/** A missing or damaged file counts as empty; the user can give the facts again. */
async function readServers(state: StateFolder): Promise<z.infer<typeof serversFile>> {
  try {
    return serversFile.parse(JSON.parse(await readFile(state.servers, 'utf8')));
  } catch {
    return {};
  }
}
