import { z } from 'zod';
import type { MatrixEntry, Planned } from './entry.ts';
import { type FieldSchema, isAmong, shapeOf } from './entry-schema.ts';
import type { EntryName, Line, LineWith, OptionalLine, Role } from './spelling.ts';
import { type EntrySlot, entrySlots, type Scope } from './table.ts';
import { entrySchemaOf } from './values.ts';

/** The schemas of fields by their names in entries. */
type EntryShape<L extends Line> = {
  [One in L as EntryName<One>]: One extends OptionalLine
    ? z.ZodExactOptional<FieldSchema<One>>
    : FieldSchema<One>;
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

const text = z.string();
const count = z.int().positive();
const layout = entryShape(entrySlots, 'layout');
/** Read and written again, an entry keeps the order of its fields. */
const shared = {
  ...entryShape(['served', 'served-by'], 'entry'),
  runner: text,
  ...entryShape(['shape', 'tensor', 'sharing', 'engine'], 'entry'),
  'max-model-len': count,
  'exp-name': text,
  ...entryShape(['disagg', 'more'], 'entry'),
};
const workerGroup = (role: Role) =>
  z.strictObject({
    ...entryShape(entrySlots, 'role', role),
    ...layout,
    'additional-settings': z.array(text).exactOptional(),
  });

/** Matrix entries as JSON, for reading what `inferencemax generate` printed. */
export const matrixEntrySchema = z.union([
  z.strictObject({ ...shared, ...layout, conc: count }),
  z.strictObject({
    ...shared,
    prefill: workerGroup('prefill'),
    decode: workerGroup('decode'),
    conc: z.array(count).min(1),
  }),
]) satisfies z.ZodType<MatrixEntry>;
