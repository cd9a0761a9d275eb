import { afterAll, describe, expect, test } from 'vitest';
import { januaryFolder } from '../../../../test/support/january.ts';
import { planEstimate } from '../../../app/estimates.ts';
import { RunnerNodes } from '../../../app/nodes.ts';
import { planReport, planReportSchema } from '../../../app/plan-report.ts';
import { planEntries } from '../../../app/planning.ts';
import { planSchema } from '../../../plan/index.ts';
import { entriesFrom } from '../../entries.ts';
import { quoted } from '../../quoted.ts';
import { describePlan, planTable } from './describe.ts';

// The recipes are of January's configs, whose pools have nodes of several launchers.
const home = process.cwd();
process.chdir(januaryFolder);
afterAll(() => process.chdir(home));

const planOf = async (configKeys: readonly string[]) => await planEntries(await entriesFrom({ configKeys }));

async function reportOf(...configKeys: string[]) {
  const { entries, pools } = await entriesFrom({ configKeys });
  const plan = await planEntries({ entries, pools });
  return planReport(plan, {
    sharing: 'ranges',
    estimate: await planEstimate(plan, 'no-such-store.sqlite'),
    runners: await RunnerNodes.load(
      plan.sessions.map(({ hardware }) => hardware),
      { pools },
      'assume',
    ),
  });
}

describe('a plan', () => {
  test('shows what starts, which range it serves and why, and what it costs', async () => {
    const text = describePlan(await reportOf('gptoss-fp4-h100-vllm'));
    expect(text).toContain('one start as for concurrency 64, instead of 5 servers');
    expect(text).toContain('--max-num-seqs: the load generator never keeps more requests in flight');
    expect(text).toContain("cat > config.yaml <<'EOF'\nasync-scheduling: true\n");
    expect(text).toMatch(
      /\nHF_HUB_CACHE=\/mnt\/vast\/hf-hub-cache PYTHONNOUSERSITE=1 .*vllm serve openai\/gpt-oss-120b --port 8888 .*--max-num-seqs 64\n/,
    );
    expect(text).toMatch(/43 points in 3 engine sessions \(0\.07 engine starts per point instead of 1\)/);
    expect(text).toMatch(
      /GPU-hours estimated, .* node-hours; .* GPU-hours with 43 starts, one for each matrix entry/,
    );
    expect(text).toContain('assumed: ');
  });

  test('shows the different command for nodes that are reached in another way', async () => {
    const text = describePlan(await reportOf('gptoss-fp4-h100-vllm'));
    const [bySlurm, byDocker] = text.split('command on nodes reached by docker');
    expect(bySlurm).toContain('TORCH_CUDA_ARCH_LIST=9.0');
    expect(byDocker?.split('session ')[0]).not.toContain('TORCH_CUDA_ARCH_LIST');
  });

  test('of a multi-node engine shows the nodes of each worker and every process', async () => {
    const text = describePlan(await reportOf('dsr1-fp4-gb200-dynamo-trt'));
    expect(text).toContain('36 accelerators on 9 nodes');
    expect(text).toContain('decode  4 workers, each 2 nodes and 8 accelerators');
    expect(text).toMatch(/# decode-3 on nodes 7, 8, MPI with 4 tasks a node\n.*trtllm-llmapi-launch/);
  });

  test('as JSON matches its schema, and can be read back as a plan', async () => {
    const report = await reportOf('dsr1-fp8-mi355x-sglang-disagg', 'gptoss-fp4-h200-trt');
    const read: unknown = JSON.parse(JSON.stringify(report));
    expect(planReportSchema.parse(read)).toEqual(report);
    expect(planSchema.parse(read)).toEqual(
      await planOf(['dsr1-fp8-mi355x-sglang-disagg', 'gptoss-fp4-h200-trt']),
    );
  });

  test('as a table has one line per session', async () => {
    const report = await reportOf('gptoss-fp4-h200-trt');
    const lines = planTable(report).split('\n');
    expect(lines.filter((line) => line.startsWith('| gptoss-fp4-h200-trt-'))).toHaveLength(4);
  });
});

test('a shell parses a printed command into the same words', () => {
  expect(quoted(['a', '{"mode": "it\'s"}', '$ENGINE_DIR/bin/x', ''], { NAME: 'a b' })).toBe(
    `NAME='a b' a '{"mode": "it'\\''s"}' "$ENGINE_DIR/bin/x" ''`,
  );
});
