import { z } from 'zod';
import type { GpuConstants } from '../../config/index.ts';
import { estimatePlan, type History } from '../../plan/estimate/index.ts';
import {
  type EngineSession,
  launcherKinds,
  nodesOf,
  type Plan,
  planSchema,
  type Sharing,
  sessionBy,
  sharings,
  startsPerPoint,
} from '../../plan/index.ts';
import { sessionCommand } from './commands.ts';

const basis = z.enum(['measured', 'assumed']);
const files = z.array(z.object({ path: z.string(), content: z.string() }));
const words = z.array(z.string());
const env = z.record(z.string(), z.string());

const command = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('process'), argv: words, env, files }),
  z.object({
    kind: z.literal('steps'),
    files,
    steps: z.array(
      z.object({
        name: z.string().describe('unique in the session'),
        nodes: z.array(z.int().nonnegative()).describe("indexes of the session's nodes"),
        tasksPerNode: z.int().positive(),
        mpi: z.boolean(),
        argv: words.describe('{host:N} stands for the host name of node N'),
        env,
      }),
    ),
  }),
]);

const sessionEstimate = z.object({
  loadS: z.number().describe('seconds from the start until requests can be served'),
  loadBasis: basis,
  totalS: z.number(),
  gpuHours: z.number(),
  points: z.array(z.object({ runS: z.number(), basis })).describe("in the order of the session's points"),
});

/** What `inferencemax plan --json` prints. Fields are added, never changed; `version` grows where that cannot be kept. */
export const planReportSchema = z.object({
  version: z.literal(1),
  sharing: z.enum(sharings),
  sessions: z.array(
    planSchema.shape.sessions.element.extend({
      nodes: z.int().positive(),
      command,
      commandBy: z
        .partialRecord(z.enum(launcherKinds), command)
        .exactOptional()
        .describe('by other launchers than the session has, where it differs'),
      estimate: sessionEstimate,
    }),
  ),
  totals: z.object({
    sessions: z.int().nonnegative(),
    points: z.int().nonnegative(),
    startsPerPoint: z.number().nullable(),
    startsPerEntry: z.int().nonnegative().describe('starts of the public system: one for each matrix entry'),
    gpuHours: z.number(),
    gpuHoursPerEntry: z.number().describe('with one start for each matrix entry'),
    nodeHours: z.number(),
  }),
  assumptions: z.array(z.string()).describe('what estimates without history rest on'),
});
export type PlanReport = z.output<typeof planReportSchema>;

/** A plan with its commands and estimates. */
export function planReport(
  plan: Plan,
  sharing: Sharing,
  gpus: readonly GpuConstants[],
  history?: History,
): PlanReport {
  const { sessions, assumptions, gpuHours, gpuHoursPerEntry, startsPerEntry, nodeHours } = estimatePlan(
    plan,
    gpus,
    history,
  );
  const points = plan.sessions.reduce((total, session) => total + session.points.length, 0);
  return planReportSchema.parse({
    version: 1,
    sharing,
    sessions: plan.sessions.map((session, index) => ({
      ...session,
      nodes: nodesOf(session.server),
      command: sessionCommand(session),
      ...commandsBy(session),
      estimate: sessions[index],
    })),
    totals: {
      sessions: plan.sessions.length,
      points,
      startsPerPoint: points === 0 ? null : startsPerPoint(plan),
      startsPerEntry,
      gpuHours,
      gpuHoursPerEntry,
      nodeHours,
    },
    assumptions,
  });
}

function commandsBy(session: EngineSession) {
  const others = launcherKinds.filter((kind) => session.serverBy?.[kind] !== undefined);
  if (others.length === 0) return {};
  return {
    commandBy: Object.fromEntries(others.map((kind) => [kind, sessionCommand(sessionBy(session, kind))])),
  };
}
