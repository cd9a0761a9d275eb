import { agenticPoints } from '../../identity/index.ts';
import { shows } from '../knowledge.ts';
import { documentKind } from './document.ts';
import { sessionsDocument, sessionsDocumentOf } from './session-facts.ts';

export { sessionsDocument };

/** Maximum number of measurements whose requests a published site has, the newest first. */
const mostPublished = 500;

export const sessionsKind = documentKind<typeof sessionsDocument, 'id'>({
  path: 'sessions/{id}',
  summary:
    'The requests of one measurement that replayed sessions of coding agents: lanes over time, cache hits, and distributions.',
  schema: sessionsDocument,
  all: async (knowledge) => {
    const { store } = knowledge;
    const page = await store.points(agenticPoints, { limit: mostPublished });
    const found: { id: string }[] = [];
    for (const { id, row } of page.items) {
      if (!shows(knowledge, row.hw)) continue;
      const measurement = await store.measurement(id);
      if (sessionsDocumentOf(id, measurement?.raw) !== undefined) found.push({ id });
    }
    return found;
  },
  build: async (knowledge, { id }) => {
    const measurement = await knowledge.store.measurement(id);
    if (measurement === undefined) return undefined;
    if (measurement.row !== undefined && !shows(knowledge, measurement.row.hw)) return undefined;
    return sessionsDocumentOf(id, measurement.raw);
  },
});
