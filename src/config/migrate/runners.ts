import { isMap, isNode, parseDocument } from 'yaml';
import {
  edited,
  indented,
  indentOf,
  insertion,
  isComment,
  linesOf,
  type TextEdit,
  type TextLine,
} from './text-edits.ts';

const newField = 'labels';
const step = 2;

/** Pools under the new field; the hardware of the nodes is unknown, so `hardware` is left out. */
export function migratedRunners(text: string, pools: unknown) {
  return { text: edited(text, editsOf(text)), value: { [newField]: pools } };
}

function editsOf(text: string): TextEdit[] {
  const { contents } = parseDocument(text, { uniqueKeys: false });
  if (!isMap(contents)) return [];
  if (contents.flow === true) return [insertion(contents.range?.[0] ?? 0, `${newField}: `)];
  const [first] = contents.items;
  const start = (isNode(first?.key) ? first.key.range?.[0] : undefined) ?? 0;
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const all = linesOf(text);
  const at = firstLine(all, start);
  const lines = all.slice(at);
  return [
    insertion(all[at]?.start ?? start, `${newField}:${ending}`),
    ...lines.flatMap((line) => indented(line, step)),
  ];
}

/** The line where the first pool begins: with the comments above it, unless they belong to the whole file. */
function firstLine(lines: readonly TextLine[], start: number): number {
  const ofKey = lines.findIndex((line) => line.start === start);
  const before = lines.slice(0, Math.max(0, ofKey)).findLastIndex((line) => !isComment(line));
  const line = lines[before];
  const isOfPool = line !== undefined && indentOf(line) === undefined;
  return isOfPool ? before + 1 : Math.max(0, ofKey);
}
