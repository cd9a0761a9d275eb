import { acceleratorsPerNode } from '../../launchers/index.ts';
import { isMultiNode } from '../../matrix/index.ts';
import type { EngineSession } from '../../plan/index.ts';
import { type Check, type Found, onNodes } from './check.ts';

export const accelerators: Check = {
  name: 'accelerators',
  looksAt: 'the accelerators that an engine needs on a node, and those that a node of its pool has',
  find: async (subject) => {
    const found: Found[] = [];
    for (const session of subject.sessions) {
      const [point] = session.points;
      if (point === undefined) continue;
      for (const { needed, field } of neededBy(session)) {
        const few = await onNodes(subject, ({ settings }) => {
          const has = acceleratorsPerNode(settings);
          return has === undefined || has >= needed ? undefined : { message: `${has}` };
        });
        found.push(
          ...few.map(({ who, message: has }) => ({
            severity: 'error' as const,
            entry: point.entry,
            field,
            message: `${field}: the engine needs ${needed} accelerators on one node, and a node of ${who} has ${has}`,
            hint: `ask for fewer, or correct accelerators-per-node in ${subject.poolFile ?? 'the file of the pool'}`,
          })),
        );
      }
    }
    return found;
  },
};

/** The accelerators that a server needs on a node, and the field of the item that says so. */
function neededBy({ server, points }: EngineSession): { readonly needed: number; readonly field: string }[] {
  if (server.disaggregated === undefined)
    return [
      {
        needed: server.acceleratorCount,
        field: points.some(({ entry }) => isMultiNode(entry)) ? 'decode' : 'tp',
      },
    ];
  return server.disaggregated.workers.map(({ role, acceleratorsPerWorker, nodesPerWorker }) => ({
    needed: Math.ceil(acceleratorsPerWorker / nodesPerWorker),
    field: role,
  }));
}
