import { z } from 'zod';
import { changelogDocument, changelogKind } from '../documents/changelog.ts';
import { hardwareDocument, hardwareKind } from '../documents/hardware.ts';
import { indexDocument, indexKind } from '../documents/index-document.ts';
import { found, question } from '../question.ts';

export const index = question({
  name: 'index',
  path: '/index',
  summary: 'Index: models and shapes with their hardware, the newest runs',
  description: 'Start here: it lists the values that the other questions accept.',
  params: z.strictObject({}),
  answer: indexDocument,
  ask: async (knowledge) => found(await indexKind.build(knowledge, {}), 'index'),
});

export const hardware = question({
  name: 'hardware',
  path: '/hardware',
  summary: 'Constants per GPU with their sources, and which hardware was measured',
  description: "All-in power in kW, $ per GPU and hour by owner, and the vendors' figures.",
  params: z.strictObject({}),
  answer: hardwareDocument,
  ask: async (knowledge) => found(await hardwareKind.build(knowledge, {}), 'list of hardware'),
});

export const changelog = question({
  name: 'changelog',
  path: '/changelog',
  summary: 'What was requested to be re-measured, and why; newest first',
  description: 'Entries of perf-changelog.yaml.',
  params: z.strictObject({}),
  answer: changelogDocument,
  ask: async (knowledge) => found(await changelogKind.build(knowledge, {}), 'changelog'),
});
