import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { engineFor, type SessionCommand, sessionCommand } from '../engines/index.ts';
import { destinationOf, launchCommands } from '../launchers/index.ts';
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
import { engineSourceKind, isPackage, unseenEngine } from '../provision/index.ts';
import { nodesFor, reservationOf } from '../sweep/index.ts';
import type { NodePlace, RunnerNodes } from './nodes.ts';
import { wantedEngine } from './serving-facts.ts';

const basis = z.enum(['measured', 'assumed', 'unknown']);
const files = z.array(z.object({ path: z.string(), content: z.string() }));
const words = z.array(z.string());
const env = z.record(z.string(), z.string());

/** The commands that a host runs to start the engine, in order. */
const launch = z
  .object({
    on: z.string().exactOptional().describe('the host that runs the commands; absent for this machine'),
    commands: z.array(
      z.object({
        step: z.string().exactOptional().describe('the step of the engine, if there are several'),
        argv: words.describe(
          '$SESSION_DIR, $TOKEN, $JOB_ID and $NODE_0 are placeholders for values known at start',
        ),
        env: env.describe('without secrets, which are passed on from the environment of InferenceMAX'),
      }),
    ),
  })
  .describe('the commands of docker, Slurm or the system that start the engine');

const command = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('process'), argv: words, env, files, launch }),
  z.object({
    kind: z.literal('steps'),
    launch,
    files,
    steps: z.array(
      z.object({
        name: z.string().describe('unique in the session'),
        nodes: z.array(z.int().nonnegative()).describe("indexes of the session's nodes"),
        tasksPerNode: z.int().positive(),
        mpi: z.boolean(),
        argv: words.describe('{host:N} is a placeholder for the host name of node N'),
        env,
      }),
    ),
  }),
]);

const sessionEstimate = z.object({
  loadS: z.number().describe('seconds from engine start to ready'),
  loadBasis: basis.exclude(['unknown']),
  totalS: z.number().nullable().describe('null if the GPU, or how much is sent, is unknown; also below'),
  gpuHours: z.number().nullable(),
  points: z
    .array(z.object({ runS: z.number().nullable(), basis }))
    .describe("in the order of the session's points"),
});

/**
 * The output of `inferencemax plan --json`. Fields are only added; if an existing field changes, `version` is
 * increased. Since version 2, estimates may be null.
 */
export const planReportSchema = z.object({
  version: z.literal(2),
  sharing: z.enum(sharings),
  launcher: planSchema.shape.launcher.describe('the launcher for all nodes, if one was requested'),
  sessions: z.array(
    planSchema.shape.sessions.element.extend({
      nodes: z.int().positive(),
      command,
      commandBy: z
        .partialRecord(z.enum(launcherKinds), command)
        .exactOptional()
        .describe('commands for other launchers, if the recipe differs by launcher'),
      commandOn: z
        .array(z.object({ nodes: z.array(z.string()), command }))
        .exactOptional()
        .describe('commands of nodes that differ from `command` and from that of their launcher'),
      estimate: sessionEstimate,
    }),
  ),
  totals: z.object({
    sessions: z.int().nonnegative(),
    points: z.int().nonnegative(),
    startsPerPoint: z.number().nullable(),
    startsPerEntry: z
      .int()
      .nonnegative()
      .describe('engine starts in the public system: one per matrix entry'),
    gpuHours: z.number().nullable(),
    gpuHoursPerEntry: z.number().nullable().describe('with one start for each matrix entry'),
    nodeHours: z.number().nullable(),
  }),
  assumptions: z.array(z.string()).describe('the assumptions behind estimates without earlier measurements'),
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
    version: 2,
    sharing,
    ...defined({ launcher: plan.launcher }),
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

/** Placeholders for paths that are only known after provisioning. */
export const notYetProvisioned = { engineDir: '$ENGINE_DIR', modelPath: '$MODEL_PATH' };

/**
 * The paths of a session's engine and weights: real ones if they exist already, else placeholders, each one
 * shell word.
 */
function foundLater({ image, model, framework }: EngineSession) {
  const isPath = /^(?:[./~]|file:)/.test(model);
  const modelPath =
    isPath && engineFor(framework).weights !== undefined ? model : notYetProvisioned.modelPath;
  const { program } = unseenEngine(image, wantedEngine(framework));
  return program === undefined ? { ...notYetProvisioned, modelPath } : { program, modelPath };
}

/** The command that starts a session's engine on a node. */
export function shownCommand(session: EngineSession, place: NodePlace): SessionCommand {
  if (engineSourceKind(session.image) === 'server') return { kind: 'process', argv: [], env: {}, files: [] };
  const { runs, launcherKind, host, port, env } = place;
  // Packages are always provisioned, whatever launcher was requested.
  const provisioned = runs === 'provisioned engines' || isPackage(session.image);
  const { program } = unseenEngine(session.image, wantedEngine(session.framework));
  const found = provisioned ? foundLater(session) : { modelPath: session.model, program };
  return sessionCommand(engineFor(session.framework), sessionBy(session, launcherKind), {
    ...found,
    host,
    port,
    env,
  });
}

/**
 * The commands of a session: the general one, those for other launchers, and those of nodes that differ from
 * both.
 */
function commandsOf(session: EngineSession, runners: RunnerNodes) {
  const general = printed(session, runners.shownFor(session));
  const others = launcherKinds.filter((kind) => session.serverBy?.[kind] !== undefined);
  const byKind = new Map(
    others.map((kind) => [kind, printed(session, runners.shownFor(sessionBy(session, kind)))] as const),
  );
  const differing: { nodes: string[]; command: ReturnType<typeof printed> }[] = [];
  for (const node of nodesFor(session, runners.all)) {
    const command = printed(session, node);
    const expected = byKind.get(node.launcherKind) ?? general;
    if (isDeepStrictEqual(command, expected)) continue;
    const alike = differing.find((other) => isDeepStrictEqual(command, other.command));
    if (alike === undefined) differing.push({ nodes: [node.name], command });
    else alike.nodes.push(node.name);
  }
  return {
    command: general,
    ...defined({
      commandBy: byKind.size === 0 ? undefined : Object.fromEntries(byKind),
      commandOn: differing.length === 0 ? undefined : differing,
    }),
  };
}

/**
 * The command of a session on a node, with all of its files in one list, and the commands of the launcher.
 */
function printed(session: EngineSession, place: NodePlace) {
  const command = shownCommand(session, place);
  const launch = launchOf(session, command, place);
  if (command.kind === 'process') return { ...command, launch };
  return {
    ...command,
    files: [...command.files, ...command.steps.flatMap(({ files = [] }) => files)],
    steps: command.steps.map(({ files: _, ...step }) => step),
    launch,
  };
}

function launchOf(session: EngineSession, command: SessionCommand, { settings, launcherKind }: NodePlace) {
  const request = reservationOf(sessionBy(session, launcherKind));
  const on = destinationOf(settings);
  if (engineSourceKind(session.image) === 'server') return { commands: [] };
  const engine =
    command.kind === 'process'
      ? { argv: command.argv, env: command.env }
      : { argv: [], env: {}, steps: command.steps };
  return {
    ...defined({ on }),
    commands: [...launchCommands(settings, { ...request, ...engine })],
  };
}
