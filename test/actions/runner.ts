import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { asText, type Contexts, holds, interpolate, type Status } from './expressions.ts';
import { standIns } from './stand-ins.ts';
import { readAction, readWorkflow, type WorkflowJob, type WorkflowStep } from './workflow.ts';

/** Where and why a workflow runs. */
export interface WorkflowRun {
  /** The repository that jobs check out. */
  readonly origin: string;
  /** Folder for workspaces, artifacts and deployed pages. */
  readonly folder: string;
  /** The workflow's `github` context: event name, event, sha and so on. */
  readonly github: Contexts;
  readonly secrets: Contexts;
  /** Prepended to PATH: fake versions of programs that need a network. */
  readonly programs: string;
  /** Added to the environment of every script, like a runner's settings. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder with GitHub API responses, one file per path; finished jobs are listed there. */
  readonly api: string;
}

export interface JobResult {
  readonly name: string;
  readonly result: 'success' | 'failure' | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  /** The output of its steps, in order, with their names. */
  readonly log: string;
  /** The content of $GITHUB_STEP_SUMMARY. */
  readonly summary: string;
}

interface StepScope {
  readonly run: WorkflowRun;
  readonly workspace: string;
  readonly temp: string;
  /** Contexts of the job or of the composite action, except `steps`, `env` and `job`. */
  readonly contexts: Contexts;
  readonly env: Record<string, string>;
}

const allGood: Status = { failed: false, cancelled: false };

/** Runs every job of a workflow in dependency order, each in its own workspace, including called workflows. */
export async function runWorkflow(
  file: string,
  run: WorkflowRun,
  inputs: Contexts = {},
): Promise<JobResult[]> {
  const { jobs } = await readWorkflow(join(run.origin, '.github', 'workflows', file));
  const results: JobResult[] = [];
  const done = new Map<string, { result: JobResult['result']; outputs: JobResult['outputs'] }>();
  while (done.size < Object.keys(jobs).length) {
    const [id, job] =
      Object.entries(jobs).find(
        ([name, { needs }]) => !done.has(name) && needs.every((need) => done.has(need)),
      ) ?? [];
    if (id === undefined || job === undefined) throw new Error(`${file}: the needs of its jobs form a cycle`);
    const needs = Object.fromEntries(job.needs.map((need) => [need, done.get(need)]));
    const contexts = { github: run.github, inputs, secrets: run.secrets, needs };
    const own = await runJob(id, job, run, contexts);
    results.push(...own);
    const direct = own.filter(({ result }) => result !== 'skipped');
    const result = own.some((one) => one.result === 'failure')
      ? 'failure'
      : direct.length === 0
        ? 'skipped'
        : 'success';
    done.set(id, { result, outputs: own.at(-1)?.outputs ?? {} });
  }
  return results;
}

async function runJob(
  id: string,
  job: WorkflowJob,
  run: WorkflowRun,
  contexts: Contexts,
): Promise<JobResult[]> {
  const needs = Object.values(needsOf(contexts));
  // A skipped need makes success() false for the jobs that need it.
  const status = { failed: needs.some(({ result }) => result !== 'success'), cancelled: false };
  if (!holds(job.if, contexts, status))
    return [{ name: id, result: 'skipped', outputs: {}, log: '', summary: '' }];
  const results: JobResult[] = [];
  for (const matrix of combinations(interpolate(job.strategy?.matrix, contexts, allGood))) {
    const scope = { ...contexts, matrix };
    if (job.uses === undefined) {
      results.push(await runSteps(id, job, run, scope));
      continue;
    }
    const secrets =
      job.secrets === 'inherit' ? run.secrets : record(interpolate(job.secrets, scope, allGood));
    results.push(
      ...(await runWorkflow(
        job.uses.replace('./.github/workflows/', ''),
        { ...run, secrets },
        record(interpolate(job.with, scope, allGood)),
      )),
    );
  }
  return results;
}

function needsOf(contexts: Contexts): Record<string, { readonly result: JobResult['result'] }> {
  const needs = contexts.needs;
  if (typeof needs !== 'object' || needs === null) return {};
  return { ...needs };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The combinations of a matrix of lists; a single empty one without a matrix. */
function combinations(matrix: unknown): Contexts[] {
  let all: Contexts[] = [{}];
  for (const [name, values] of Object.entries(record(matrix))) {
    if (!Array.isArray(values)) throw new Error(`matrix ${name} is not a list`);
    all = all.flatMap((one) => values.map((value: unknown) => ({ ...one, [name]: value })));
  }
  return all;
}

async function runSteps(
  id: string,
  job: WorkflowJob,
  run: WorkflowRun,
  contexts: Contexts,
): Promise<JobResult> {
  const workspace = await mkdtemp(join(run.folder, `${id}-`));
  const temp = await mkdtemp(join(run.folder, `${id}-temp-`));
  const summaryFile = join(temp, 'summary.md');
  await writeFile(summaryFile, '');
  const env = {
    ...texts(interpolate(job.env, contexts, allGood)),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_STEP_SUMMARY: summaryFile,
    RUNNER_TEMP: temp,
    ...githubEnvironment(run.github),
  };
  const github = { ...run.github, workspace, token: 'a-token' };
  const scope = { run, workspace, temp, contexts: { ...contexts, github }, env };
  const name = asText(interpolate(job.name ?? id, contexts, allGood));
  const { failed, log, steps } = await stepByStep(job.steps, scope);
  await listJob(join(run.api, ...apiPath(run), 'jobs.json'), {
    name,
    conclusion: failed ? 'failure' : 'success',
  });
  return {
    name,
    result: failed ? 'failure' : 'success',
    outputs: texts(interpolate(job.outputs, { ...contexts, steps }, allGood)),
    log,
    summary: await readFile(summaryFile, 'utf8'),
  };
}

const apiPath = ({ github }: WorkflowRun) => [
  'repos',
  asText(github.repository),
  'actions',
  'runs',
  asText(github.run_id),
];

async function listJob(file: string, job: { name: string; conclusion: string }): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const listed = await readFile(file, 'utf8').catch(() => '[]');
  await writeFile(file, JSON.stringify([...z.array(z.unknown()).parse(JSON.parse(listed)), job]));
}

function githubEnvironment(github: Contexts): Record<string, string> {
  return Object.fromEntries(
    ['repository', 'sha', 'ref', 'run_id', 'run_attempt', 'event_name', 'event_path', 'actor'].flatMap(
      (name) => (github[name] === undefined ? [] : [[`GITHUB_${name.toUpperCase()}`, asText(github[name])]]),
    ),
  );
}

async function stepByStep(steps: readonly WorkflowStep[], scope: StepScope) {
  const known: Record<string, unknown> = {};
  let failed = false;
  let log = '';
  for (const [index, step] of steps.entries()) {
    const contexts = { ...scope.contexts, steps: known, env: scope.env };
    if (!holds(step.if, contexts, { failed, cancelled: false })) continue;
    const title = step.name ?? step.uses ?? `step ${index + 1}`;
    const done = await runStep(step, scope, contexts);
    log += `--- ${title}\n${done.log}`;
    if (step.id !== undefined) {
      known[step.id] = { outputs: done.outputs, outcome: done.failed ? 'failure' : 'success' };
    }
    failed ||= done.failed;
  }
  return { failed, log, steps: known };
}

interface StepResult {
  readonly failed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  readonly log: string;
}

async function runStep(step: WorkflowStep, scope: StepScope, contexts: Contexts): Promise<StepResult> {
  const env = { ...scope.env, ...texts(interpolate(step.env, contexts, allGood)) };
  if (step.run !== undefined) return await runScript(step.run, scope, env);
  const inputs = record(interpolate(step.with, contexts, allGood));
  const uses = step.uses ?? '';
  if (uses.startsWith('./')) {
    const action = await readAction(join(scope.workspace, uses));
    const defaults = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']),
    );
    const inner = await stepByStep(action.runs.steps, {
      ...scope,
      env,
      contexts: { ...scope.contexts, inputs: { ...defaults, ...inputs } },
    });
    const outputs = Object.fromEntries(
      Object.entries(action.outputs).map(([name, { value }]) => [
        name,
        asText(interpolate(value, { ...scope.contexts, steps: inner.steps }, allGood)),
      ]),
    );
    return { ...inner, outputs };
  }
  const standIn = standIns[uses.split('@')[0] ?? ''];
  if (standIn === undefined) throw new Error(`there is no stand-in for ${uses}`);
  try {
    const artifacts = join(scope.run.folder, 'artifacts', asText(scope.run.github.run_id));
    const outputs = await standIn({ ...scope.run, artifacts, workspace: scope.workspace, inputs });
    return { failed: false, outputs: outputs ?? {}, log: '' };
  } catch (error) {
    return { failed: true, outputs: {}, log: `${String(error)}\n` };
  }
}

/** Runs a script like the runner does: as a file passed to bash, with a file for its outputs. */
async function runScript(script: string, scope: StepScope, env: Record<string, string>): Promise<StepResult> {
  const folder = await mkdtemp(join(scope.temp, 'step-'));
  const files = { script: join(folder, 'script.sh'), output: join(folder, 'output') };
  await mkdir(folder, { recursive: true });
  await writeFile(files.script, script);
  await writeFile(files.output, '');
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', files.script], {
    cwd: scope.workspace,
    env: {
      ...process.env,
      ...scope.run.environment,
      ...env,
      PATH: `${scope.run.programs}:${process.env.PATH}`,
      GITHUB_OUTPUT: files.output,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { failed: code !== 0, outputs: outputsOf(await readFile(files.output, 'utf8')), log };
}

function outputsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(record(value)).map(([name, inner]) => [name, asText(inner)]));
}
