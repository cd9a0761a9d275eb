import { z } from 'zod';
import { InputError, type Problem } from '../errors.ts';
import {
  companionProblems,
  configShape,
  fieldsOfEither,
  layoutProblems,
  lopsidedFields,
} from '../identity/index.ts';
import { type Checked, readYamlAs } from './yaml-file.ts';
import type { YamlFile } from './yaml-positions.ts';

const positive = z.int().min(1, 'expected a number above 0');

const concurrency = {
  'conc-start': positive.exactOptional(),
  'conc-end': positive.exactOptional(),
  'conc-list': z.array(positive).min(1, 'expected at least one concurrency').exactOptional(),
};

interface ConcurrencyFields {
  readonly 'conc-start'?: number;
  readonly 'conc-end'?: number;
  readonly 'conc-list'?: readonly number[];
}

/** Either a list, or both ends of a range in order: not both, not neither. */
function checkConcurrency(fields: ConcurrencyFields, context: z.core.$RefinementCtx): void {
  const { 'conc-start': start, 'conc-end': end, 'conc-list': list } = fields;
  const issue = (message: string) => context.addIssue({ code: 'custom', message });
  const ranged = start !== undefined || end !== undefined;
  if (list !== undefined && ranged) issue('expected either conc-list or conc-start and conc-end, found both');
  else if (list === undefined && !ranged)
    issue('expected a concurrency: conc-list, or conc-start and conc-end');
  else if (list === undefined && (start === undefined || end === undefined)) {
    issue(
      `expected conc-start and conc-end together, found only conc-${start === undefined ? 'end' : 'start'}`,
    );
  } else if (start !== undefined && end !== undefined && start > end) {
    issue(`expected conc-start at most conc-end, found ${start} > ${end}`);
  }
}

/** What the values of a layout must be to each other. */
function checkLayout(layout: object, context: z.core.$RefinementCtx): void {
  for (const { field, message } of layoutProblems({ ...layout }))
    context.addIssue({ code: 'custom', path: [field], message });
}

/** What of an item goes with another of its fields. */
function checkCompanions(item: object, context: z.core.$RefinementCtx): void {
  for (const { field, message } of companionProblems({ ...item }))
    context.addIssue({ code: 'custom', path: [field], message });
}

/** What is said of both roles is not said of one alone. */
function checkRoles(
  { prefill, decode }: { readonly prefill: object; readonly decode: object },
  context: z.core.$RefinementCtx,
): void {
  for (const { role, field } of lopsidedFields({ prefill: { ...prefill }, decode: { ...decode } })) {
    const message = `missing; prefill and decode say ${field}, or neither does`;
    context.addIssue({ code: 'custom', path: [role, field], message });
  }
}

const workers = (role: 'prefill' | 'decode') =>
  z
    .strictObject({
      ...configShape(['item'], ['role'], { required: true, role }),
      ...configShape(['item'], ['layout'], { required: true }),
      'additional-settings': z.array(z.string()).exactOptional(),
    })
    .superRefine(checkLayout);

const singleNodeItem = z
  .strictObject({ ...configShape(['item', 'either'], ['layout', 'entry'], { nodes: 'one' }), ...concurrency })
  .superRefine(checkConcurrency)
  .superRefine(checkCompanions)
  .superRefine(checkLayout);

const multiNodeItem = z
  .strictObject({
    ...configShape(['item', 'either'], ['entry']),
    prefill: workers('prefill'),
    decode: workers('decode'),
    ...concurrency,
  })
  .superRefine(checkConcurrency)
  .superRefine(checkCompanions)
  .superRefine(checkRoles);

const runner = z.string().min(1, 'expected a text, found an empty one');

function seqLenConfigs<Item extends z.ZodType>(item: Item) {
  const block = z.strictObject({ ...configShape(['shape'], ['entry']), 'search-space': z.array(item) });
  return z.array(block);
}

interface WithItems {
  readonly 'seq-len-configs': readonly { readonly 'search-space': readonly object[] }[];
}

/** What may stand in the config or in its items stands in one of the two. */
function checkPlaces(config: WithItems, context: z.core.$RefinementCtx): void {
  for (const field of fieldsOfEither.filter((name) => name in config)) {
    for (const [block, { 'search-space': items }] of config['seq-len-configs'].entries()) {
      const item = items.findIndex((one) => field in one);
      if (item < 0) continue;
      const path = ['seq-len-configs', block, 'search-space', item, field];
      const message = 'expected it either in the config or in its items, found both';
      context.addIssue({ code: 'custom', path, message });
    }
  }
}

const config = z.discriminatedUnion('multinode', [
  z
    .strictObject({
      ...configShape(['config', 'either'], ['entry'], { nodes: 'one' }),
      runner,
      multinode: z.literal(false),
      'seq-len-configs': seqLenConfigs(singleNodeItem),
    })
    .superRefine(checkPlaces),
  z
    .strictObject({
      ...configShape(['config', 'either'], ['entry']),
      runner,
      multinode: z.literal(true),
      'seq-len-configs': seqLenConfigs(multiNodeItem),
    })
    .superRefine(checkPlaces),
]);

/** The schema of a master config file (contract §1). */
export const masterConfigSchema = z.record(
  z.string().regex(/^[^*]+$/, "a config key may not contain '*', because that is a wildcard"),
  config,
);

/** One entry of a master config. */
export type Config = z.output<typeof config>;
export type SingleNodeConfig = Extract<Config, { multinode: false }>;
export type MultiNodeConfig = Extract<Config, { multinode: true }>;
export type SingleNodeItem = z.output<typeof singleNodeItem>;
export type MultiNodeItem = z.output<typeof multiNodeItem>;

/** Configs by their keys, in the order of the files. */
export type MasterConfigs = ReadonlyMap<string, Config>;

/** Master configs with the place of every part of them. */
export interface LocatedConfigs {
  readonly configs: MasterConfigs;
  /** The file, line and column of a part of a config; the path is empty for the config itself. */
  locate(key: string, path: readonly PropertyKey[]): Pick<Problem, 'file' | 'line' | 'column'>;
}

/** Loads and merges master configs. Throws InputError with every problem of every file, and for a key in two files. */
export async function loadMasterConfigs(files: readonly string[]): Promise<MasterConfigs> {
  return merge(await loadFiles(files)).configs;
}

/** The same, keeping where everything is written. */
export async function loadLocatedConfigs(files: readonly string[]): Promise<LocatedConfigs> {
  const { configs, definedIn } = merge(await loadFiles(files));
  const located = new Map<MasterConfigFile, YamlFile>();
  for (const file of new Set(definedIn.values())) located.set(file, await file.located());
  return {
    configs,
    locate: (key, path) => {
      const file = definedIn.get(key);
      return (file === undefined ? undefined : located.get(file))?.locate([key, ...path]) ?? {};
    },
  };
}

type MasterConfigFile = Checked<typeof masterConfigSchema>;

async function loadFiles(files: readonly string[]): Promise<MasterConfigFile[]> {
  const loaded = await Promise.allSettled(files.map((file) => readYamlAs(file, masterConfigSchema)));
  const problems = loaded.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (!(result.reason instanceof InputError)) throw result.reason;
    return result.reason.problems;
  });
  const good = loaded.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const twice = await doublyDefined(good);
  if (problems.length + twice.length > 0) throw new InputError([...twice, ...problems]);
  return good;
}

async function doublyDefined(files: readonly MasterConfigFile[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const first = new Map<string, MasterConfigFile>();
  for (const file of files) {
    for (const key of Object.keys(file.data)) {
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, file);
      else {
        const place = (await file.located()).locate([key], 'key');
        problems.push({ ...place, message: `config key '${key}' is already defined in ${earlier.file}` });
      }
    }
  }
  return problems;
}

function merge(files: readonly MasterConfigFile[]) {
  const definedIn = new Map(
    files.flatMap((file) => Object.keys(file.data).map((key) => [key, file] as const)),
  );
  const configs = new Map<string, Config>(files.flatMap((file) => Object.entries(file.data)));
  return { configs, definedIn };
}
