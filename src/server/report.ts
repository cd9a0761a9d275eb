import { writeFileAtomically } from '../atomic-file.ts';
import { storeInMemory } from '../store/index.ts';
import { documentKinds, pathOf } from './documents/index.ts';
import type { Knowledge } from './knowledge.ts';
import { ensureReportBuilt, singleFilePage } from './web-build.ts';

/** Size in characters above which pages of single points are left out of a report. */
const mostCharacters = 32_000_000;

/**
 * Writes the dashboard for one run directory as one HTML file that needs no server and no network. Its
 * documents are those of a store that contains only this run.
 */
export async function writeReport(
  file: string,
  runDirectory: string,
  { knowledgeOf, onBuild }: { readonly knowledgeOf: KnowledgeOf; readonly onBuild?: () => void },
): Promise<void> {
  // In memory, so that a killed process leaves nothing behind.
  const store = await storeInMemory();
  try {
    await store.ingestRun(runDirectory);
    const page = await ensureReportBuilt(onBuild);
    const documents = await documentsOf(await knowledgeOf(store));
    await writeFileAtomically(file, await singleFilePage(page, { documents }));
  } finally {
    await store.close();
  }
}

/** Loads the data for answers from a store. */
export type KnowledgeOf = (store: Knowledge['store']) => Promise<Knowledge>;

/** Every document by path, those of single points last. */
async function documentsOf(knowledge: Knowledge): Promise<Record<string, unknown>> {
  const documents: Record<string, unknown> = {};
  let characters = 0;
  const ordered = documentKinds.toSorted(
    (a, b) => Number(a.path === 'points/{id}') - Number(b.path === 'points/{id}'),
  );
  for (const kind of ordered) {
    for (const parts of await kind.all(knowledge)) {
      if (characters > mostCharacters) return documents;
      const document = await kind.build(knowledge, parts);
      characters += JSON.stringify(document)?.length ?? 0;
      if (document !== undefined) documents[pathOf(kind, parts)] = document;
    }
  }
  return documents;
}
