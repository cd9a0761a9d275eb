import { isDeepStrictEqual } from 'node:util';
import type { PlanReport } from '../../../app/plan-report.ts';
import { isReplayed } from '../../../identity/index.ts';
import { isMultiNode, seqLenName } from '../../../matrix/index.ts';
import { type MarkdownColumn, markdownTable } from '../../../results/index.ts';
import { quoted } from '../../quoted.ts';

type Session = PlanReport['sessions'][number];

/** Describes a plan: every session with its exact command, then the estimated cost. */
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
  {
    header: 'GPU-hours',
    kind: 'decimal',
    value: ({ estimate: { gpuHours } }) => (gpuHours === null ? 'unknown' : Number(gpuHours.toFixed(2))),
  },
];

/** A plan as a table with one line per session. */
export function planTable(report: PlanReport): string {
  return `${markdownTable(columns, report.sessions)}\n\n${totals(report)}\n`;
}

function describeSession(session: Session): string {
  const { id, runner, launcher, image, model, dummyWeights, server, nodes, shared, estimate } = session;
  const place = nodes === 1 ? '' : ` on ${nodes} nodes`;
  return [
    `session ${id}`,
    `  runner  ${runner} (${launcher}), ${count(server.acceleratorCount, 'accelerator')}${place}`,
    ...(server.disaggregated?.workers ?? []).map(
      ({ role, count: workers, nodesPerWorker, acceleratorsPerWorker }) =>
        `  ${role.padEnd(7)} ${count(workers, 'worker')}, each ${count(nodesPerWorker, 'node')} and ${count(acceleratorsPerWorker, 'accelerator')}`,
    ),
    `  image   ${image}`,
    `  model   ${model}${dummyWeights === true ? ', with dummy weights: speed is real, answers are not' : ''}`,
    ...recipeLines(session),
    ...(shared === undefined
      ? []
      : [
          `  range   one start as for concurrency ${shared.maxConc}, instead of ${count(shared.servers, 'server')}; raised:`,
          ...Object.entries(shared.caps).map(([cap, reason]) => `          ${cap}: ${reason}`),
        ]),
    ...pointLines(session).map((line) => `  points  ${line}`),
    `  time    ${duration(estimate.loadS)} to load (${estimate.loadBasis}), ${inTotal(estimate)}`,
    ...(session.command.launch.commands.length === 0 ? [] : ['  command']),
    ...commandLines(session.command),
    ...Object.entries(session.commandBy ?? {}).flatMap(([kind, command]) => [
      `  command on nodes reached by ${kind}`,
      ...commandLines(command),
    ]),
    ...(session.commandOn ?? []).flatMap(({ nodes, command }) => [
      `  command on ${nodes.join(', ')}`,
      ...commandLines(command, session.command.files),
    ]),
  ].join('\n');
}

/** Describes a generic recipe, with the reasons for its flags, or an external server. */
function recipeLines({ framework, points, reasons = {} }: Session): string[] {
  const of = points[0]?.recipe;
  if (of === undefined) return [];
  if (of === 'unknown') return ['  recipe  unknown: the server is external'];
  return [
    `  recipe  generic, of ${framework} for any model:`,
    ...Object.entries(reasons).map(([flag, reason]) => `          ${flag}: ${reason}`),
  ];
}

/** Puts points with the same shape and the same prompts per concurrency on one line. */
function pointLines({ points, estimate }: Session): string[] {
  const shapes = Map.groupBy(
    points.map((point, index) => ({ point, run: estimate.points[index] })),
    ({ point: { entry } }) =>
      [
        ...(entry.workload === undefined ? [] : [entry.workload]),
        isReplayed(entry) ? 'agent sessions' : seqLenName(entry.isl, entry.osl),
        ...(isMultiNode(entry) ? [] : [`tp${entry.tp}`]),
      ].join(' '),
  );
  return [...shapes].map(([shape, list]) => {
    const concs = list.map(({ point }) => point.conc).join(', ');
    const runs = list.map(({ run }) => run);
    return `${shape} at concurrency ${concs}: ${sent(list.map(({ point }) => point))}, ${runTime(runs)}`;
  });
}

/** How much points of one shape send. */
function sent(points: Session['points']): string {
  const [first] = points;
  const { requests, seconds, search } = first?.sends ?? {};
  if (search !== undefined) {
    const highest = points.map(({ sends }) => sends?.search?.max).join(', ');
    return `searches the highest ${search.load} from ${search.min} to ${highest} within ${search.slos.join(' ')}`;
  }
  const prompts = `${points.map(({ client }) => client.numPrompts).join(', ')} prompts`;
  if (first?.sends === undefined || (requests !== undefined && seconds === undefined)) return prompts;
  if (seconds === undefined) return 'all requests of the data set';
  return requests === undefined ? `${seconds} s each` : `${prompts}, at most ${seconds} s each`;
}

function runTime(runs: readonly (Session['estimate']['points'][number] | undefined)[]): string {
  const times = runs.map((run) => run?.runS ?? null);
  if (times.includes(null)) return 'time unknown';
  const measured = runs.filter((run) => run?.basis === 'measured').length;
  const basis = measured === runs.length ? 'measured' : measured === 0 ? 'assumed' : `${measured} measured`;
  return `${duration(times.reduce<number>((sum, runS) => sum + (runS ?? 0), 0))} (${basis})`;
}

/** The files of a command, except those already shown, and the command itself. */
function commandLines({ files, launch, ...command }: Session['command'], shown: typeof files = []): string[] {
  return [
    ...(isDeepStrictEqual(files, shown) ? [] : files).flatMap(({ path, content }) => [
      `cat > ${path} <<'EOF'`,
      ...content.trimEnd().split('\n'),
      'EOF',
    ]),
    ...(launch.on === undefined ? [] : [`# on ${launch.on}`]),
    ...launch.commands.flatMap(({ step: name, argv, env }) => {
      const step = command.kind === 'steps' ? command.steps.find((one) => one.name === name) : undefined;
      return [...(step === undefined ? [] : [`# ${stepInWords(step)}`]), quoted(argv, env)];
    }),
  ];
}

type Step = Extract<Session['command'], { readonly kind: 'steps' }>['steps'][number];

function stepInWords({ name, nodes, tasksPerNode, mpi }: Step): string {
  const where = `${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')}`;
  return `${name} on ${where}${mpi ? `, MPI with ${count(tasksPerNode, 'task')} a node` : ''}`;
}

function inTotal({ totalS, gpuHours }: Session['estimate']): string {
  return totalS === null || gpuHours === null
    ? 'then unknown, because the GPU is, or how much is sent'
    : `${duration(totalS)} in total, ${gpuHours.toFixed(2)} GPU-hours`;
}

function totals({ totals: total, assumptions, sharing }: PlanReport): string {
  const { sessions, points, startsPerPoint, startsPerEntry, gpuHours, gpuHoursPerEntry, nodeHours } = total;
  const ratio =
    startsPerPoint === null ? '' : ` (${startsPerPoint.toFixed(2)} engine starts per point instead of 1)`;
  return [
    `${count(points, 'point')} in ${count(sessions, 'engine session')}${ratio}`,
    ...(points === 0
      ? []
      : gpuHours === null || nodeHours === null || gpuHoursPerEntry === null
        ? ['GPU-hours are unknown, because a GPU is, or how much is sent']
        : [
            `${gpuHours.toFixed(1)} GPU-hours estimated, ${nodeHours.toFixed(1)} node-hours; ${gpuHoursPerEntry.toFixed(1)} GPU-hours with ${count(startsPerEntry, 'start')}, one for each matrix entry (${(100 * (1 - gpuHours / gpuHoursPerEntry)).toFixed(0)} % saved)`,
          ]),
    ...(sharing === 'ranges' ? [] : [`sharing: ${sharing}`]),
    ...assumptions.map((assumption) => `assumed: ${assumption}`),
  ].join('\n');
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}

/** `2 h 5 min`, `3 min 20 s`, `12 s`, or `unknown`. */
function duration(seconds: number | null): string {
  if (seconds === null) return 'unknown';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}
