import { gpusOfWorker } from '../../identity/index.ts';
import { acceleratorsPerNode } from '../../launchers/index.ts';
import { isMultiNode, type MatrixEntry } from '../../matrix/index.ts';
import type { EngineSession } from '../../plan/index.ts';
import { type Check, type CheckSubject, type Found, onNodes } from './check.ts';

export const accelerators: Check = {
  name: 'accelerators',
  code: 'not-measurable',
  looksAt: 'the accelerators that an engine needs per node, and those that a node of its pool has',
  find: async (subject) => {
    const found: Found[] = [];
    for (const { entry, field, needed } of needsOf(subject)) {
      const few = await onNodes(subject, ({ settings }) => {
        const has = acceleratorsPerNode(settings);
        return has === undefined || has >= needed ? undefined : { message: `has ${has} per node` };
      });
      found.push(
        ...few.map(({ who, message }) => ({
          severity: 'error' as const,
          entry,
          field,
          message: `${field}: the engine needs ${needed} accelerators on one node, and ${who} ${message}`,
          hint: `use fewer, or correct accelerators-per-node in ${subject.poolFile ?? 'the file of the pool'}`,
        })),
      );
    }
    return found;
  },
};

/** The accelerators that an entry needs on one node, and the field that determines them. */
interface Need {
  readonly entry: MatrixEntry;
  readonly field: string;
  readonly needed: number;
}

/** The needs of a subject's servers or, without a recipe, those stated by its single-node entries. */
function needsOf({ sessions, entries }: CheckSubject): Need[] {
  if (sessions.length > 0) return sessions.flatMap(ofServer);
  return entries.flatMap((entry) =>
    isMultiNode(entry) ? [] : [{ entry, field: 'tp', needed: gpusOfWorker(entry) }],
  );
}

function ofServer({ server, points }: EngineSession): Need[] {
  const entry = points[0]?.entry;
  if (entry === undefined) return [];
  if (server.disaggregated === undefined)
    return [{ entry, field: isMultiNode(entry) ? 'decode' : 'tp', needed: server.acceleratorCount }];
  return server.disaggregated.workers.map(({ role, acceleratorsPerWorker, nodesPerWorker }) => ({
    entry,
    field: role,
    needed: Math.ceil(acceleratorsPerWorker / nodesPerWorker),
  }));
}
