import type { ReserveRequest } from '../launchers/index.ts';
import { type EngineSession, nodesOf } from '../plan/index.ts';

/** What a session asks its launcher to reserve, beside the folder. */
export function reservationOf({
  id: sessionId,
  image,
  server,
}: EngineSession): Omit<ReserveRequest, 'workDir'> {
  const nodeCount = nodesOf(server);
  return { sessionId, image, nodeCount, acceleratorCount: Math.ceil(server.acceleratorCount / nodeCount) };
}
