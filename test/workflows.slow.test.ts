import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { programsVariables, writePrograms } from './actions/programs.ts';
import { type JobResult, runWorkflow, type WorkflowRun } from './actions/runner.ts';
import { freePort } from './support/free-port.ts';
import { onOneCpu } from './support/one-cpu.ts';
import { busyMachine, tinyConfig } from './support/product.ts';
import { copyOfTheProject, git } from './support/project-copy.ts';

const repositoryName = 'org/inferencemax';

let folder: string;
let origin: string;
let run: Omit<WorkflowRun, 'github'>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workflows-'));
  origin = await copyOfTheProject(join(folder, 'origin'));
  // The only config and pool are measured within seconds, so that nothing else is stale.
  const configs = join(origin, '.github', 'configs');
  for (const name of await readdir(configs)) {
    if (name.endsWith('-master.yaml')) await rm(join(configs, name));
  }
  await writeFile(join(configs, 'cpu-master.yaml'), tinyConfig());
  await appendFile(join(origin, 'runners', 'cpu.yaml'), await onOneCpu());
  const pool = await readFile(join(origin, 'runners', 'cpu.yaml'), 'utf8');
  await writeFile(
    join(origin, 'runners', 'cpu.yaml'),
    pool.replace(/port: \d+/, `port: ${await freePort()}`),
  );
  await git(origin, 'add', '--all');
  await git(origin, 'commit', '--quiet', '--message', 'A small config');
  const programs = join(folder, 'programs');
  const state = join(folder, 'github');
  await mkdir(state);
  await writePrograms(programs);
  const environment = {
    ...programsVariables(state),
    ...busyMachine,
    XDG_STATE_HOME: join(folder, 'runner-state'),
  };
  run = { origin, folder, secrets: {}, programs, environment, api: state };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pushed = (base: string, head: string, message = 'Measure') => ({
  server_url: 'https://github.example',
  repository: repositoryName,
  event_name: 'push',
  ref: 'refs/heads/main',
  sha: head,
  run_id: head.slice(0, 8),
  event: {
    before: base,
    head_commit: { message },
    repository: { default_branch: 'main' },
  },
});

async function askForMeasurement(description: string): Promise<{ base: string; head: string }> {
  const base = await git(origin, 'rev-parse', 'HEAD');
  const entry = `- config-keys:\n    - smollm2-*\n  description:\n    - ${description}\n  pr-link: https://example.org/1\n`;
  await appendFile(join(origin, 'perf-changelog.yaml'), entry);
  await git(origin, 'commit', '--quiet', '--all', '--message', description);
  return { base, head: await git(origin, 'rev-parse', 'HEAD') };
}

const ended = (jobs: readonly JobResult[]) => jobs.map(({ name, result }) => `${name}: ${result}`);
const logs = (jobs: readonly JobResult[]) => jobs.map(({ name, log }) => `=== ${name}\n${log}`).join('\n');
const artifact = (runId: string, ...path: string[]) => join(folder, 'artifacts', runId, ...path);

describe('a push to main that changes the changelog', () => {
  let jobs: JobResult[];
  let runId: string;
  beforeAll(async () => {
    const { base, head } = await askForMeasurement('A newer engine');
    runId = pushed(base, head).run_id;
    jobs = await runWorkflow('run-sweep.yml', { ...run, github: pushed(base, head) });
  }, 600_000);

  test('is planned, measured with the real engine, collected, ingested and published', () => {
    expect(ended(jobs), logs(jobs)).toEqual([
      'plan: success',
      expect.stringMatching(/^cpu llama\.cpp smollm2-q4-cpu-llama\.cpp-\w+ \(3 points\): success$/),
      'multi-node: skipped',
      'collect: success',
      'compare: skipped',
      'ingest: success',
      'deploy: success',
    ]);
  });

  test('has all points in the collected rows and the summary', async () => {
    const rows = z
      .array(z.looseObject({ hw: z.string(), isl: z.int(), conc: z.int(), output_tput_per_gpu: z.number() }))
      .parse(JSON.parse(await readFile(artifact(runId, 'results_sweep', 'agg_sweep.json'), 'utf8')));
    expect(rows.map(({ hw, isl, conc }) => `${hw} ${isl} ${conc}`).toSorted()).toEqual([
      'cpu 16 2',
      'cpu 32 1',
      'cpu 32 2',
    ]);
    const summary = jobs.find(({ name }) => name === 'collect')?.summary ?? '';
    expect(summary).toContain('3 of 3 points measured');
    expect(summary).toContain('## Single-Node Results');
    // The table has six significant digits and omits trailing zeros.
    for (const { output_tput_per_gpu: tput } of rows)
      expect(summary).toContain(`${Number(Number(tput.toFixed(4)).toPrecision(6))}`);
  });

  test('counts its job in the success rate of its hardware', async () => {
    const rates = JSON.parse(
      await readFile(artifact(runId, 'results_sweep', 'success-rate.json'), 'utf8'),
    ) as Record<string, { total: number }>;
    // Fleets without jobs are listed, too.
    expect(Object.fromEntries(Object.entries(rates).filter(([, { total }]) => total > 0))).toEqual({
      cpu: { n_success: 1, total: 1 },
    });
  });

  test('publishes a page with the measured points and the documentation, and backs up the store', async () => {
    const pages = join(folder, 'pages');
    expect(await readFile(join(pages, 'index.html'), 'utf8')).toContain('InferenceMAX');
    expect(await readFile(join(pages, 'docs', 'metrics.html'), 'utf8')).toContain('TTFT');
    const shapes = await readdir(join(pages, 'data', 'shapes'));
    expect(shapes.toSorted()).toEqual(['smollm2_16_24.json', 'smollm2_32_16.json']);
    expect(await readdir(join(folder, 'github', 'release'))).toHaveLength(1);
  });

  test('leaves nothing for the nightly run, because the new measurements are not stale', async () => {
    const head = await git(origin, 'rev-parse', 'HEAD');
    const nightly = await runWorkflow('nightly.yml', {
      ...run,
      github: { ...pushed(head, head), event_name: 'schedule' },
    });
    expect(ended(nightly), logs(nightly)).toEqual(['plan: success', 'measure: skipped', 'publish: skipped']);
  }, 120_000);
});

test('a labelled pull request is measured, and a comment compares it with the published results', async () => {
  const { base, head } = await askForMeasurement('Not yet merged');
  const repo = { full_name: repositoryName };
  const pull = {
    number: 7,
    title: 'Measure',
    labels: [{ name: 'sweep' }],
    base: { sha: base },
    head: { sha: head, repo },
  };
  const event = {
    action: 'labeled',
    label: { name: 'sweep' },
    pull_request: pull,
    repository: { default_branch: base },
  };
  const jobs = await runWorkflow('run-sweep.yml', {
    ...run,
    github: { ...pushed(base, head), event_name: 'pull_request', event, run_id: '7' },
  });
  expect(ended(jobs), logs(jobs)).toEqual([
    'plan: success',
    expect.stringMatching(/\(3 points\): success$/),
    'multi-node: skipped',
    'collect: success',
    expect.stringMatching(/^compare: /),
    'publish: skipped',
  ]);
  const comment = await readFile(join(folder, 'github', 'comment.md'), 'utf8');
  expect(comment).toContain('SmolLM2 135M Instruct 16/24');
  expect(comment).toMatch(/better|worse|same/);
  // Whether it is a regression depends on the machine; the comment and the job must agree.
  expect(jobs.find(({ name }) => name === 'compare')?.summary).toBe(comment);
}, 600_000);

test('[skip-sweep] in the message skips everything', async () => {
  const { base, head } = await askForMeasurement('Later');
  const jobs = await runWorkflow('run-sweep.yml', {
    ...run,
    github: pushed(base, head, 'Later [skip-sweep]'),
  });
  expect(jobs.every(({ result }) => result === 'skipped')).toBe(true);
});

describe('a sweep whose engine cannot start', () => {
  test('fails its job, and the summary has the class, the log and the retry command', async () => {
    const jobs = await runWorkflow(
      'e2e-tests.yml',
      { ...run, github: pushed('', await brokenCommit()) },
      { 'generate-cli-command': "test-config --config-keys 'smollm2-*'", ref: '' },
    );
    expect(ended(jobs)).toEqual([
      'plan: success',
      expect.stringMatching(/^cpu llama\.cpp .*: failure$/),
      'multi-node: skipped',
      'collect: success',
    ]);
    const summary = jobs.find(({ name }) => name === 'collect')?.summary ?? '';
    expect(summary).toContain('0 of 3 points measured');
    expect(summary).toContain('**died-on-start**');
    expect(summary).toMatch(/<summary>Last lines of the engine log<\/summary>\n\n```\n[\s\S]+\n```/);
    expect(summary).toContain('gh run rerun');
  }, 300_000);

  async function brokenCommit(): Promise<string> {
    const file = join(origin, '.github', 'configs', 'cpu-master.yaml');
    await writeFile(join(origin, 'broken.gguf'), 'not weights');
    await writeFile(file, tinyConfig({ model: './broken.gguf' }));
    await git(origin, 'add', '--all');
    await git(origin, 'commit', '--quiet', '--message', 'Invalid weights');
    return await git(origin, 'rev-parse', 'HEAD');
  }
});
