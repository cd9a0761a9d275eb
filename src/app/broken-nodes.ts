import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import type { BrokenNode } from '../sweep/index.ts';
import type { StateFolder } from './state-folder.ts';

const brokenNode = z.object({
  pool: z.string(),
  node: z.string(),
  reason: z.string(),
  sinceAt: z.iso.datetime(),
});

/** Nodes that sweeps found broken, one file each, until the doctor finds the node healthy again. */
export class BrokenNodes {
  readonly #folder: string;

  constructor(state: StateFolder) {
    this.#folder = state.brokenNodes;
  }

  /** Unreadable files are ignored: if a broken node is used, the next sweep finds out soon. */
  async all(): Promise<BrokenNode[]> {
    const files = await readdir(this.#folder).catch(() => []);
    const read = files
      .filter((file) => file.endsWith('.json'))
      .toSorted()
      .map(async (file) => {
        const text = await readFile(join(this.#folder, file), 'utf8').catch(() => '');
        return z.safeParse(brokenNode, jsonIn(text)).data ?? [];
      });
    return (await Promise.all(read)).flat();
  }

  async add(node: BrokenNode): Promise<void> {
    const file = this.#fileOf(node);
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomically(file, `${JSON.stringify(node, null, 2)}\n`);
  }

  async remove(node: Pick<BrokenNode, 'pool' | 'node'>): Promise<void> {
    await rm(this.#fileOf(node), { force: true });
  }

  #fileOf({ pool, node }: Pick<BrokenNode, 'pool' | 'node'>): string {
    return join(this.#folder, `${encodeURIComponent(pool)} ${encodeURIComponent(node)}.json`);
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
