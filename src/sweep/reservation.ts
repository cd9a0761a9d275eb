import type { ReserveRequest } from '../launchers/index.ts';
import { type EngineSession, nodesOf } from '../plan/index.ts';

/** The reservation that a session requests from its launcher, without the folder. */
export function reservationOf({
  id: sessionId,
  image,
  server,
}: EngineSession): Omit<ReserveRequest, 'workDir'> {
  const nodeCount = nodesOf(server);
  return { sessionId, image, nodeCount, acceleratorCount: Math.ceil(server.acceleratorCount / nodeCount) };
}
