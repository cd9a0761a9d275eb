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

/** A server by its address, without a password, and the model that it serves. */
export interface NamedServer {
  readonly address: string;
  readonly model: string;
}

/** What was said of a server before; nothing of one that serves another model by now. */
export async function rememberedFacts(
  state: StateFolder,
  { address, model }: NamedServer,
): Promise<ServerFacts> {
  const known = (await readServers(state))[address];
  return known?.model === model ? known.facts : {};
}

/** Keeps what was said of a server for the next time. */
export async function rememberFacts(
  state: StateFolder,
  { address, model }: NamedServer,
  facts: ServerFacts,
): Promise<void> {
  const servers = { ...(await readServers(state)), [address]: { model, facts } };
  await writeFileAtomically(state.servers, `${JSON.stringify(servers, null, 2)}\n`);
}

/** A file that is not there, or damaged, remembers nothing: what it held can be said again. */
async function readServers(state: StateFolder): Promise<z.infer<typeof serversFile>> {
  try {
    return serversFile.parse(JSON.parse(await readFile(state.servers, 'utf8')));
  } catch {
    return {};
  }
}
