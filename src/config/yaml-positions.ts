import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Pair,
  type ParseOptions,
  parseDocument,
  type Tags,
  visit,
  type YAMLMap,
} from 'yaml';
import { InputError, type Problem } from '../errors.ts';
import { closest } from './closest.ts';
import { firstOf, mostShown } from './first-problems.ts';
import { floatAsWritten } from './written-float.ts';

/** Limit on alias expansions; a file with more is treated as an attack. */
const maxAliasCount = 1_000;

/** YAML 1.1 has more spellings of booleans and numbers, such as `yes` and `2_063_837`. */
export type YamlVersion = '1.1' | '1.2';

/** How to treat a key that occurs twice in a map; public tools take the last one. */
export type EqualKeys = 'refused' | 'last-wins';

/** Whether floats are numbers, or remember their text if Python writes it otherwise. */
export type Floats = 'numbers' | 'as-written';

/** How to read text before its form is known. */
export interface YamlReading {
  readonly yaml?: YamlVersion;
  readonly equalKeys?: EqualKeys;
  readonly floats?: Floats;
}

/** A YAML file that knows the line and column of its parts. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** Position of the value at a path, or of its key; if the path does not exist, of its nearest parent. */
  locate(path: readonly PropertyKey[], what?: 'key' | 'value'): Pick<Problem, 'file' | 'line' | 'column'>;
}

/** Parses YAML text that came from `file`. Throws InputError with every syntax error and its position. */
export function parseYaml(
  file: string,
  text: string,
  version: YamlVersion = '1.2',
  { equalKeys = 'refused', floats = 'numbers' }: Omit<YamlReading, 'yaml'> = {},
): YamlFile {
  const lines = new LineCounter();
  const document = parsed(file, text, lines, version, floats);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const repeated = equalKeys === 'refused' ? repeatedKeys(document, lines) : [];
  const problems = [...syntaxErrors(document), ...repeated, ...unresolvedAliases(document)];
  if (problems.length > 0)
    throw new InputError(
      firstOf(problems, file, ({ offset, ...problem }) => [{ ...at(offset), ...problem }]),
      undefined,
      { code: 'bad-yaml' },
    );
  return {
    file,
    value: toValue(file, document),
    locate: (path, what = 'value') => at(offsetOf(document, path, what)),
  };
}

/** The parser's own check for duplicate keys takes quadratic time; `repeatedKeys` does not. */
function parsed(
  file: string,
  text: string,
  lineCounter: LineCounter,
  version: YamlVersion,
  floats: Floats,
): Document.Parsed {
  try {
    return parseDocument(text, {
      lineCounter,
      uniqueKeys: false,
      prettyErrors: false,
      version,
      customTags: (tags) =>
        floats === 'numbers' ? asPublicTools(tags) : asPublicTools(tags).map(withWrittenFloats),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError([{ code: 'bad-yaml', file, message: 'is nested too deeply' }]);
  }
}

/** YAML 1.1 as the public tools read it; each text is one that the parser reads otherwise. */
const publicScalars: readonly { readonly read: string; readonly as: RegExp }[] = [
  { read: 'y', as: /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/ },
  { read: 'n', as: /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/ },
  { read: '09', as: /^[-+]?(?:0|[1-9][0-9_]*)$/ },
  { read: '04:00', as: /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/ },
  { read: '1e5', as: /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*[eE][-+][0-9]+$/ },
];

function asPublicTools(tags: Tags): Tags {
  if (!tags.some((tag) => isRead(tag, '04:00'))) return tags;
  return tags.map((tag) => {
    const other = publicScalars.find(({ read }) => isRead(tag, read));
    return typeof tag === 'string' || tag.collection !== undefined || other === undefined
      ? tag
      : { ...tag, test: other.as };
  });
}

/** Whether a plain scalar with this text belongs to the tag; texts do. */
function isRead(tag: Tags[number], text: string): boolean {
  return typeof tag !== 'string' && tag.collection === undefined && tag.test?.test(text) === true;
}

function withWrittenFloats(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || tag.collection !== undefined || !tag.tag.endsWith(':float')) return tag;
  return {
    ...tag,
    resolve: (text: string, onError: (message: string) => void, options: ParseOptions) => {
      const value = tag.resolve(text, onError, options);
      const number = isScalar(value) ? value.value : value;
      return typeof number === 'number' ? floatAsWritten(number) : value;
    },
  };
}

function toValue(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount });
  } catch {
    const message = `its aliases expand to more than ${maxAliasCount} copies`;
    throw new InputError([{ code: 'bad-yaml', file, message, hint: 'write out the repeated parts' }]);
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[], what: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    const pair = isMap(node) ? pairIn(node, String(part)) : undefined;
    const next: unknown = pair === undefined ? childAt(node, part) : pair.value;
    // A map or list begins on the line after its key; report the line of the key.
    const byKey = pair !== undefined && ((last && what === 'key') || !isScalar(next));
    const shown: unknown = byKey ? pair.key : next;
    if (!isNode(shown)) return offset;
    offset = shown.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}

/** Pairs of each map by key, cached because a file with many problems looks up the same map often. */
const pairsByKey = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairIn(map: YAMLMap, key: string): Pair | undefined {
  let pairs = pairsByKey.get(map);
  if (pairs === undefined) {
    // The first of equal keys.
    pairs = new Map(map.items.toReversed().map((pair) => [String(pair.key), pair]));
    pairsByKey.set(map, pairs);
  }
  return pairs.get(key);
}

function childAt(node: unknown, part: PropertyKey): unknown {
  const items = typeof node === 'object' && node !== null && 'items' in node ? node.items : undefined;
  return Array.isArray(items) && typeof part === 'number' ? items[part] : undefined;
}

interface Misread extends Pick<Problem, 'message' | 'hint'> {
  readonly offset: number;
}

/** Syntax errors. A tab causes errors in everything after it, so it is reported alone. */
function syntaxErrors(document: Document.Parsed): Misread[] {
  const tooDeep = document.errors.find(({ message }) => message.includes('call stack'));
  if (tooDeep !== undefined) return [{ offset: tooDeep.pos[0], message: 'is nested too deeply' }];
  const tabs = document.errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  return (tabs.length > 0 ? tabs : document.errors).map(({ code, message, pos: [offset] }) => {
    if (code === 'TAB_AS_INDENT') {
      return { offset, message: 'a tab is used as indentation', hint: 'indent with spaces' };
    }
    const known = syntaxWords.find((one) => one.code === code && (one.of?.test(message) ?? true));
    if (known !== undefined) return { offset, message: known.message, hint: known.hint };
    return { offset, message: `not valid YAML: ${message.split('\n')[0] ?? message}` };
  });
}

/** The most frequent syntax errors by parser code; the first match applies. */
const syntaxWords: readonly {
  readonly code: string;
  readonly of?: RegExp;
  readonly message: string;
  readonly hint: string;
}[] = [
  {
    code: 'BAD_INDENT',
    of: /^Flow map/,
    message: 'not valid YAML: a map in { } is not closed before this line',
    hint: 'add the missing }',
  },
  {
    code: 'BAD_INDENT',
    of: /^Flow sequence/,
    message: 'not valid YAML: a list in [ ] is not closed before this line',
    hint: 'add the missing ]',
  },
  {
    code: 'BAD_INDENT',
    message: 'not valid YAML: wrong indentation',
    hint: 'all keys of a map, and all items of a list, start in the same column',
  },
  {
    code: 'MISSING_CHAR',
    of: /closing (?:"|')quote/,
    message: 'not valid YAML: a quoted text is not closed before this line',
    hint: 'add the missing quote',
  },
  {
    code: 'BLOCK_AS_IMPLICIT_KEY',
    message: 'not valid YAML: a key inside the value of another key',
    hint: 'start each key on its own line, in the column of the other keys, or quote a text that contains ": "',
  },
];

function repeatedKeys(document: Document.Parsed, lines: LineCounter): Misread[] {
  const misread: Misread[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Map<unknown, number>();
      for (const { key } of items) {
        const written = isScalar(key) ? key.value : undefined;
        // A merge key may occur several times.
        if (!isScalar(key) || written === '<<') continue;
        const offset = key.range?.[0] ?? 0;
        const first = seen.get(written);
        if (first === undefined) seen.set(written, offset);
        else
          misread.push({
            offset,
            message: `duplicate key: the first is on line ${lines.linePos(first).line}`,
            hint: 'merge both or rename one',
          });
      }
    },
  });
  return misread;
}

function unresolvedAliases(document: Document.Parsed): Misread[] {
  const anchors = new Set<string>();
  const misread: Misread[] = [];
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Alias: (_, { source, range }) => {
      if (anchors.has(source) || misread.length > mostShown) return;
      const near = closest(source, anchors);
      const hint =
        near === undefined ? 'an anchor, &name, comes before its aliases, *name' : `did you mean '*${near}'?`;
      misread.push({
        offset: range?.[0] ?? 0,
        message: `unknown anchor '&${source}' before this alias`,
        hint,
      });
    },
  });
  return misread;
}
