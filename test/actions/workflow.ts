import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const record = z.record(z.string(), z.unknown());

const step = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.unknown().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  with: record.default({}),
  env: record.default({}),
});

const job = z.object({
  name: z.string().optional(),
  if: z.unknown().optional(),
  needs: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  outputs: record.default({}),
  env: record.default({}),
  strategy: z.object({ matrix: z.unknown() }).optional(),
  steps: z.array(step).default([]),
  uses: z.string().optional(),
  with: record.default({}),
  secrets: z.union([z.literal('inherit'), record]).default({}),
  'timeout-minutes': z.number().optional(),
  permissions: z.unknown().optional(),
});

const workflow = z.object({
  name: z.string(),
  on: z.unknown(),
  permissions: z.unknown(),
  env: record.default({}),
  jobs: z.record(z.string(), job),
});

const action = z.object({
  inputs: z.record(z.string(), z.object({ default: z.unknown().optional() })).default({}),
  outputs: z.record(z.string(), z.object({ value: z.string() })).default({}),
  runs: z.object({ using: z.literal('composite'), steps: z.array(step) }),
});

export type WorkflowStep = z.infer<typeof step>;
export type WorkflowJob = z.infer<typeof job>;
export type Workflow = z.infer<typeof workflow>;
export type CompositeAction = z.infer<typeof action>;

export async function readWorkflow(file: string): Promise<Workflow> {
  return workflow.parse(parse(await readFile(file, 'utf8')));
}

export async function readAction(folder: string): Promise<CompositeAction> {
  return action.parse(parse(await readFile(`${folder}/action.yml`, 'utf8')));
}
