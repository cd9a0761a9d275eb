import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { engineFor, type SessionCommand, sessionCommand } from '../engines/index.ts';
import type { PlanEstimate } from '../plan/estimate/index.ts';
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
} from '../plan/index.ts';
import { nodesFor } from '../sweep/index.ts';
import type { NodePlace, RunnerNodes } from './nodes.ts';

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
        .describe('by other launchers than the session has, where the recipe differs by them'),
      commandOn: z
        .array(z.object({ nodes: z.array(z.string()), command }))
        .exactOptional()
        .describe('on nodes where it is neither `command` nor the one of their launcher'),
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

export interface PlanReportContext {
  readonly sharing: Sharing;
  readonly estimate: PlanEstimate;
  readonly runners: RunnerNodes;
}

/** A plan with its commands and estimates. */
export function planReport(plan: Plan, { sharing, estimate, runners }: PlanReportContext): PlanReport {
  const { sessions, assumptions, gpuHours, gpuHoursPerEntry, startsPerEntry, nodeHours } = estimate;
  const points = plan.sessions.reduce((total, session) => total + session.points.length, 0);
  return planReportSchema.parse({
    version: 1,
    sharing,
    sessions: plan.sessions.map((session, index) => ({
      ...session,
      nodes: nodesOf(session.server),
      ...commandsOf(session, runners),
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

/** Stand for what provisioning finds only when it runs. */
export const notYetProvisioned = { engineDir: '$ENGINE_DIR', modelPath: '$MODEL_PATH' };

/** The command that a session's engine is started with at a place. */
export function shownCommand(session: EngineSession, place: NodePlace): SessionCommand {
  const { runs, launcherKind, host, port, env } = place;
  // An image of a package registry can be run in no other way, whatever was asked to be shown.
  const provisioned = runs === 'provisioned engines' || /^(?:npm|pypi):/.test(session.image);
  const found = provisioned ? notYetProvisioned : { modelPath: session.model };
  return sessionCommand(engineFor(session.framework), sessionBy(session, launcherKind), {
    ...found,
    host,
    port,
    env,
  });
}

/** The command of a session in general, by other launchers, and on nodes of its pool that differ from both. */
function commandsOf(session: EngineSession, runners: RunnerNodes) {
  const general = shownCommand(session, runners.shownFor(session));
  const others = launcherKinds.filter((kind) => session.serverBy?.[kind] !== undefined);
  const byKind = new Map(
    others.map((kind) => [kind, shownCommand(session, runners.shownFor(sessionBy(session, kind)))] as const),
  );
  const differing: { nodes: string[]; command: SessionCommand }[] = [];
  for (const node of nodesFor(session, runners.all)) {
    const command = shownCommand(session, node);
    const expected = byKind.get(node.launcherKind) ?? general;
    if (isDeepStrictEqual(command, expected)) continue;
    const alike = differing.find((other) => isDeepStrictEqual(command, other.command));
    if (alike === undefined) differing.push({ nodes: [node.name], command });
    else alike.nodes.push(node.name);
  }
  return {
    command: printed(general),
    ...defined({
      commandBy:
        byKind.size === 0
          ? undefined
          : Object.fromEntries([...byKind].map(([kind, command]) => [kind, printed(command)])),
      commandOn:
        differing.length === 0
          ? undefined
          : differing.map(({ nodes, command }) => ({ nodes, command: printed(command) })),
    }),
  };
}

/** A command with all of its files in one list. */
function printed(command: SessionCommand) {
  if (command.kind === 'process') return command;
  return {
    ...command,
    files: [...command.files, ...command.steps.flatMap(({ files = [] }) => files)],
    steps: command.steps.map(({ files: _, ...step }) => step),
  };
}
