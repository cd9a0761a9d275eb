import { isDeepStrictEqual } from 'node:util';
import type { PlanReport } from '../../../app/plan-report.ts';
import { isMultiNode, seqLenName } from '../../../matrix/index.ts';
import { type MarkdownColumn, markdownTable } from '../../../results/index.ts';
import { quoted } from './quoted.ts';

type Session = PlanReport['sessions'][number];

/** A plan for people: every session with its exact command, then what it costs. */
export function describePlan(report: PlanReport): string {
  return `${[...report.sessions.map(describeSession), totals(report)].join('\n\n')}\n`;
}

const columns: readonly MarkdownColumn<Session>[] = [
  { header: 'Session', kind: 'text', value: ({ id }) => id },
  { header: 'Runner', kind: 'text', value: ({ runner }) => runner },
  { header: 'Nodes', kind: 'whole', value: ({ nodes }) => nodes },
  { header: 'GPUs', kind: 'whole', value: ({ server }) => server.acceleratorCount },
  { header: 'Points', kind: 'whole', value: ({ points }) => points.length },
  { header: 'Servers', kind: 'whole', value: ({ shared }) => shared?.servers ?? 1 },
  { header: 'Load', kind: 'text', value: ({ estimate }) => duration(estimate.loadS) },
  { header: 'Total', kind: 'text', value: ({ estimate }) => duration(estimate.totalS) },
  { header: 'GPU-hours', kind: 'decimal', value: ({ estimate }) => Number(estimate.gpuHours.toFixed(2)) },
];

/** A plan with one line for each session. */
export function planTable(report: PlanReport): string {
  return `${markdownTable(columns, report.sessions)}\n\n${totals(report)}\n`;
}

function describeSession(session: Session): string {
  const { id, runner, launcher, image, model, server, nodes, shared, estimate } = session;
  const place = nodes === 1 ? '' : ` on ${nodes} nodes`;
  return [
    `session ${id}`,
    `  runner  ${runner} (${launcher}), ${count(server.acceleratorCount, 'accelerator')}${place}`,
    ...(server.disaggregated?.workers ?? []).map(
      ({ role, count: workers, nodesPerWorker, acceleratorsPerWorker }) =>
        `  ${role.padEnd(7)} ${count(workers, 'worker')}, each ${count(nodesPerWorker, 'node')} and ${count(acceleratorsPerWorker, 'accelerator')}`,
    ),
    `  image   ${image}`,
    `  model   ${model}`,
    ...(shared === undefined
      ? []
      : [
          `  range   one start as for concurrency ${shared.maxConc}, instead of ${count(shared.servers, 'server')}; raised:`,
          ...Object.entries(shared.caps).map(([cap, reason]) => `          ${cap}: ${reason}`),
        ]),
    ...pointLines(session).map((line) => `  points  ${line}`),
    `  time    ${duration(estimate.loadS)} to load (${estimate.loadBasis}), ${duration(estimate.totalS)} in total, ${estimate.gpuHours.toFixed(2)} GPU-hours`,
    '  command',
    ...commandLines(session.command),
    ...Object.entries(session.commandBy ?? {}).flatMap(([kind, command]) => [
      `  command on nodes reached by ${kind}`,
      ...commandLines(command),
    ]),
    ...(session.commandOn ?? []).flatMap(({ nodes, command }) => [
      `  command on ${nodes.join(', ')}`,
      ...(onlyVariables(session.command, command) ?? commandLines(command)),
    ]),
  ].join('\n');
}

/** Points of one shape and number of prompts per concurrency on one line. */
function pointLines({ points, estimate }: Session): string[] {
  const shapes = Map.groupBy(
    points.map((point, index) => ({ point, run: estimate.points[index] })),
    ({ point: { entry } }) =>
      `${seqLenName(entry.isl, entry.osl)}${isMultiNode(entry) ? '' : ` tp${entry.tp}`}`,
  );
  return [...shapes].map(([shape, list]) => {
    const runS = list.reduce((sum, { run }) => sum + (run?.runS ?? 0), 0);
    const measured = list.filter(({ run }) => run?.basis === 'measured').length;
    const basis = measured === list.length ? 'measured' : measured === 0 ? 'assumed' : `${measured} measured`;
    const prompts = list.map(({ point }) => point.client.numPrompts).join(', ');
    return `${shape} at concurrency ${list.map(({ point }) => point.conc).join(', ')}: ${prompts} prompts, ${duration(runS)} (${basis})`;
  });
}

function commandLines(command: Session['command']): string[] {
  const files = command.files.flatMap(({ path, content }) => [
    `cat > ${path} <<'EOF'`,
    ...content.trimEnd().split('\n'),
    'EOF',
  ]);
  if (command.kind === 'process') return [...files, quoted(command.argv, command.env)];
  return [
    ...files,
    ...command.steps.map(
      ({ name, nodes, tasksPerNode, mpi, argv, env }) =>
        `# ${name} on ${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')}${mpi ? `, MPI with ${count(tasksPerNode, 'task')} a node` : ''}\n${quoted(argv, env)}`,
    ),
  ];
}

/** The variables that a command differs in from another, where it differs in nothing else. */
function onlyVariables(general: Session['command'], command: Session['command']): string[] | undefined {
  const withoutEnv = (one: Session['command']) =>
    one.kind === 'process'
      ? { ...one, env: {} }
      : { ...one, steps: one.steps.map((step) => ({ ...step, env: {} })) };
  if (!isDeepStrictEqual(withoutEnv(general), withoutEnv(command))) return undefined;
  const changes = [...environmentsOf(command)].map(([step, env]) =>
    changed(environmentsOf(general).get(step), env),
  );
  const [first] = changes;
  if (first === undefined || !changes.every((one) => isDeepStrictEqual(one, first))) return undefined;
  return [`the same with ${quoted([], first)}`];
}

function environmentsOf(command: Session['command']): Map<string, Readonly<Record<string, string>>> {
  if (command.kind === 'process') return new Map([['', command.env]]);
  return new Map(command.steps.map(({ name, env }) => [name, env]));
}

/** The variables that are other or more than before; undefined where one is missing. */
function changed(
  before: Readonly<Record<string, string>> | undefined,
  env: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  if (before === undefined || Object.keys(before).some((name) => env[name] === undefined)) return undefined;
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => before[name] !== value));
}

function totals({ totals: total, assumptions, sharing }: PlanReport): string {
  const { sessions, points, startsPerPoint, startsPerEntry, gpuHours, gpuHoursPerEntry, nodeHours } = total;
  const ratio =
    startsPerPoint === null ? '' : ` (${startsPerPoint.toFixed(2)} engine starts per point instead of 1)`;
  const saved = 100 * (1 - gpuHours / gpuHoursPerEntry);
  return [
    `${count(points, 'point')} in ${count(sessions, 'engine session')}${ratio}`,
    ...(points === 0
      ? []
      : [
          `${gpuHours.toFixed(1)} GPU-hours estimated, ${nodeHours.toFixed(1)} node-hours; ${gpuHoursPerEntry.toFixed(1)} GPU-hours with ${count(startsPerEntry, 'start')}, one for each matrix entry (${saved.toFixed(0)} % saved)`,
        ]),
    ...(sharing === 'ranges' ? [] : [`sharing: ${sharing}`]),
    ...assumptions.map((assumption) => `assumed: ${assumption}`),
  ].join('\n');
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}

/** `2 h 5 min`, `3 min 20 s` or `12 s`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}
