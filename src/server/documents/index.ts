import { answerKind } from './answer.ts';
import { changelogKind } from './changelog.ts';
import type { DocumentKind } from './document.ts';
import { evalsKind } from './evals.ts';
import { hardwareKind } from './hardware.ts';
import { historyIndexKind, historyKind } from './history.ts';
import { indexKind } from './index-document.ts';
import { overviewKind } from './overview.ts';
import { pointKind } from './point.ts';
import { reliabilityKind } from './reliability.ts';
import { sessionsKind } from './sessions.ts';
import { shapeKind } from './shape.ts';
import { sweepKind, sweepsKind } from './sweeps.ts';

export type { DocumentKind } from './document.ts';
export { indexKind };

/** Every kind of document, each before those that it links to: all that pages read and `publish` writes. */
export const documentKinds: readonly DocumentKind[] = [
  indexKind,
  overviewKind,
  answerKind,
  changelogKind,
  hardwareKind,
  evalsKind,
  reliabilityKind,
  sweepsKind,
  shapeKind,
  historyIndexKind,
  historyKind,
  sweepKind,
  sessionsKind,
  pointKind,
];

/** The kind and the parts of a path such as `shapes/dsr1_1024_1024`; undefined for an unknown path. */
export function kindOf(
  path: string,
): { readonly kind: DocumentKind; readonly parts: Readonly<Record<string, string>> } | undefined {
  for (const kind of documentKinds) {
    const groups = new RegExp(`^${kind.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`).exec(path);
    if (groups !== null) return { kind, parts: { ...groups.groups } };
  }
  return undefined;
}

/** The path of a document. */
export function pathOf({ path }: DocumentKind, parts: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? '');
}
