import { isAlias, isMap, isNode, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { InputError, type Problem } from '../../errors.ts';
import { type MissingField, missingInConfig } from '../../identity/index.ts';
import { january } from '../january.ts';
import type { YamlFile } from '../yaml-positions.ts';
import { edited, indented, indentOf, insertion, isComment, linesOf, type TextEdit } from './text-edits.ts';

/** Where the new format has the blocks of the old one. */
const newField = 'scenarios';
const scenario = 'fixed-seq-len';
const step = 2;

/** Maps a path in the new value to its path in the old file. */
export const oldPath: Readonly<
  Record<'configs' | 'runners', (path: readonly PropertyKey[]) => readonly PropertyKey[]>
> = {
  configs: ([key, field, inner, ...rest]) => {
    if (key === undefined || field === undefined) return key === undefined ? [] : [key];
    if (field !== newField) return [key, field, ...(inner === undefined ? [] : [inner]), ...rest];
    return [key, january.field, ...rest];
  },
  runners: ([, ...rest]) => rest,
};

/** The KV cache transfer of a config, if the new format requires it; undefined if unknown. */
export type TransferOf = (key: string) => string | undefined;

type Values = Readonly<Record<string, unknown>>;

/** Configs with their blocks under the new field, and with the KV cache transfer if it is required. */
export function migratedConfigs(text: string, old: YamlFile, transferOf: TransferOf) {
  const { contents } = parseDocument(text, { uniqueKeys: false });
  const edits: TextEdit[] = [];
  const problems: Problem[] = [];
  const value: Record<string, unknown> = {};
  for (const [key, config] of Object.entries(valuesOf(old.value))) {
    const said = valuesOf(config);
    const missing = said.multinode === true ? missingInConfig(said, itemsOf(said)) : [];
    const transfer = transferOf(key);
    if (transfer === undefined) problems.push(...missing.map((one) => unsaid(key, one, old)));
    const added = missing.map((one): Added => ({ ...one, value: transfer ?? '' }));
    value[key] = migratedValue(said, added);
    const [node] = isMap(contents) ? pairsNamed(contents, key).map((pair) => pair.value) : [];
    // An alias is changed at its anchor.
    if (isMap(node)) edits.push(...editsOf(text, node, added));
  }
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'bad-config' });
  return { text: edited(text, edits), value };
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** A required field, next to the field that requires it. */
interface Added extends MissingField {
  readonly value: string;
}

function itemsOf(config: Values): Values[] {
  const blocks = config[january.field];
  return (Array.isArray(blocks) ? blocks : []).flatMap((block) => {
    const space = valuesOf(block)['search-space'];
    return (Array.isArray(space) ? space : []).map(valuesOf);
  });
}

function unsaid(key: string, { field, neededBy }: MissingField, old: YamlFile): Problem {
  return {
    ...old.locate([key, neededBy]),
    message: `config '${key}' has ${neededBy}: true, and in the new format it needs ${field}, which names the KV cache transfer`,
    hint: `name it with --${field}, such as --${field} '${key}=nixl'`,
  };
}

function migratedValue(config: Values, added: readonly Added[]): Values {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      const beside = added.filter((one) => one.neededBy === name).map((one) => [one.field, one.value]);
      if (name === january.field) return [[newField, { [scenario]: value }]];
      return [[name, value], ...beside];
    }),
  );
}

function editsOf(text: string, config: YAMLMap, added: readonly Added[]): TextEdit[] {
  return [
    ...pairsNamed(config, january.field).flatMap((pair) => blocksEdits(text, pair)),
    ...added.flatMap(({ neededBy, field, value }) =>
      pairsNamed(config, neededBy).flatMap((pair) =>
        besideEdit(text, config, pair, `${field}: ${quoted(value)}`),
      ),
    ),
  ];
}

function pairsNamed({ items }: YAMLMap, name: string): Pair[] {
  return items.filter(({ key }) => isScalar(key) && key.value === name);
}

/** Moves the blocks of a config under the new field: by indenting their lines, or within braces in flow style. */
function blocksEdits(text: string, { key, value }: Pair): TextEdit[] {
  const range = isNode(key) ? key.range : undefined;
  if (range === undefined || range === null) return [];
  const [start, end] = range;
  if (isSeq(value) && value.flow !== true) {
    const lines = linesOf(text);
    const at = lines.findLastIndex((line) => line.start <= start);
    const indent = start - (lines[at]?.start ?? start);
    const ending = lines[at]?.content.endsWith('\r') ? '\r\n' : '\n';
    const inner = `${newField}:${ending}${' '.repeat(indent + step)}${scenario}`;
    return [
      { from: start, to: end, text: inner },
      ...linesOfValue(lines.slice(at + 1), indent).flatMap((line) => indented(line, step)),
    ];
  }
  const colon = text.indexOf(':', end);
  const last = isNode(value) || isAlias(value) ? value.range?.[1] : undefined;
  if (colon < 0 || last === undefined) return [];
  return [
    { from: start, to: end, text: newField },
    insertion(colon + 1, ` { ${scenario}:`),
    insertion(last, ' }'),
  ];
}

/** The lines of a value that begins after a key of this indentation; comments after it with less indentation do not belong to it. */
function linesOfValue<Line extends Parameters<typeof indentOf>[0]>(
  lines: readonly Line[],
  keyIndent: number,
): Line[] {
  const own: Line[] = [];
  let waiting: Line[] = [];
  for (const line of lines) {
    const indent = indentOf(line);
    if (indent === undefined) waiting.push(line);
    else if (isComment(line)) {
      waiting.push(line);
      if (indent > keyIndent) own.push(...waiting.splice(0));
    } else {
      const isOwn = indent > keyIndent || (indent === keyIndent && /^\s*-(?:\s|$)/.test(line.content));
      if (!isOwn) break;
      own.push(...waiting, line);
      waiting = [];
    }
  }
  return own;
}

/** A field after another one, on its own line unless the config is in braces. */
function besideEdit(text: string, config: YAMLMap, { key, value }: Pair, written: string): TextEdit[] {
  const [start] = (isNode(key) ? key.range : undefined) ?? [];
  const [, end] = (isNode(value) ? value.range : undefined) ?? [];
  if (start === undefined || end === undefined) return [];
  if (config.flow === true) return [insertion(end, `, ${written}`)];
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline < 0 ? text.length : newline;
  const ending = text[lineEnd - 1] === '\r' ? '\r\n' : '\n';
  return [insertion(lineEnd - (ending.length - 1), `${ending}${' '.repeat(start - lineStart)}${written}`)];
}

/** Unquoted if the word cannot be mistaken for another YAML value. */
function quoted(value: string): string {
  return /^[a-z][\w.-]*$/i.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
