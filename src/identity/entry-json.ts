import { z } from 'zod';
import { trafficSchema } from '../workload/index.ts';
import type { AgenticEntry, GeneratedEntry, MatrixEntry, Planned } from './entry.ts';
import { isAmong, type SchemaOfLine, shapeOf } from './entry-schema.ts';
import type { EntryName, Line, LineWith, OptionalLine, Role } from './spelling.ts';
import { type EntrySlot, entrySlots, type Scope } from './table.ts';
import { entrySchemaOf } from './values.ts';

/** The schemas of fields by their names in entries. */
type EntryShape<L extends Line> = {
  [One in L as EntryName<One>]: One extends OptionalLine
    ? z.ZodExactOptional<SchemaOfLine<One>>
    : SchemaOfLine<One>;
};

type InEntry<Slot extends EntrySlot, Of extends Scope> = Exclude<
  LineWith<{ readonly slot: Slot; readonly of: Of }>,
  Planned
>;

function entryShape<Slot extends EntrySlot, Of extends Scope>(
  slots: readonly Slot[],
  scope: Of,
  role?: Role,
): EntryShape<InEntry<Slot, Of>> {
  return shapeOf(
    ({ slot, of }) => isAmong(slots, slot) && of === scope,
    (line) => {
      const schema = entrySchemaOf(line, role);
      return line.optional === true ? schema.exactOptional() : schema;
    },
  );
}

/** Accuracy checks of an entry by August's contract (contract F3). */
const evalMarks = {
  'run-eval': z.boolean().exactOptional(),
  'eval-conc': z.int().positive().exactOptional(),
  'eval-all-concs': z.boolean().exactOptional(),
  'eval-only': z.boolean().exactOptional(),
};

const text = z.string();
const count = z.int().positive();
const layout = entryShape(entrySlots, 'layout');
/** Parsing an entry and writing it again keeps the order of its fields. */
const shared = {
  ...entryShape(['served', 'served-by'], 'entry'),
  runner: text,
  ...entryShape(['shape', 'tensor', 'sharing', 'engine'], 'entry'),
  'max-model-len': count,
  'exp-name': text,
  ...entryShape(['disagg', 'more'], 'entry'),
  ...evalMarks,
  'total-cpu-dram-gb': z.int().nonnegative().exactOptional(),
  duration: count.exactOptional(),
  traffic: trafficSchema().exactOptional(),
};
const workerGroup = (role: Role) =>
  z.strictObject({
    ...entryShape(entrySlots, 'role', role),
    ...layout,
    'additional-settings': z.array(text).exactOptional(),
  });

/** Matrix entries as JSON, as `inferencemax generate` prints them. */
export const matrixEntrySchema = z.union([
  z.strictObject({ ...shared, ...layout, conc: count }),
  z.strictObject({
    ...shared,
    prefill: workerGroup('prefill'),
    decode: workerGroup('decode'),
    conc: z.array(count).min(1),
  }),
]) satisfies z.ZodType<MatrixEntry>;

const ofTraces = {
  ...entryShape(['served', 'served-by'], 'entry'),
  runner: text,
  ...entryShape(['engine', 'more'], 'entry'),
  'scenario-type': z.literal('agentic-coding'),
  'total-cpu-dram-gb': z.int().nonnegative(),
  duration: count,
  'exp-name': text,
  ...evalMarks,
  traffic: trafficSchema().exactOptional(),
};

/** Agentic entries as JSON. */
export const agenticEntrySchema = z.union([
  z.strictObject({ ...ofTraces, ...layout, conc: count }),
  z.strictObject({
    ...ofTraces,
    ...entryShape(['disagg'], 'entry'),
    prefill: workerGroup('prefill'),
    decode: workerGroup('decode'),
    conc: z.array(count).min(1),
  }),
]) satisfies z.ZodType<AgenticEntry>;

/** Everything that `inferencemax generate` prints. */
export const generatedEntrySchema = z.union([
  ...matrixEntrySchema.options,
  ...agenticEntrySchema.options,
]) satisfies z.ZodType<GeneratedEntry>;
