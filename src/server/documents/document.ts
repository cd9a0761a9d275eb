import type { z } from 'zod';
import type { Knowledge } from '../knowledge.ts';

/** One kind of document. Pages of the dashboard read it from `data/<path>.json`, served or published. */
export interface DocumentKind<Document = unknown> {
  /** The path after `data/`, without `.json`; variable parts are `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly schema: z.ZodType;
  /** Builds the document for the parts of a path; undefined if it does not exist. */
  readonly build: (
    knowledge: Knowledge,
    parts: Readonly<Record<string, string>>,
  ) => Promise<Document | undefined>;
  /** The parts of every published document of this kind. */
  readonly all: (knowledge: Knowledge) => Promise<readonly Readonly<Record<string, string>>[]>;
}

/** Defines a kind of document from its schema and its builder. */
export function documentKind<Schema extends z.ZodType, Part extends string = never>(kind: {
  readonly path: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly build: (
    knowledge: Knowledge,
    parts: Readonly<Record<Part, string>>,
  ) => Promise<z.input<Schema> | undefined>;
  readonly all: (knowledge: Knowledge) => Promise<readonly Readonly<Record<Part, string>>[]>;
}): DocumentKind<z.input<Schema>> {
  return kind;
}

/** `all` of a kind with a single document. */
export const theOne = async (): Promise<readonly Readonly<Record<never, string>>[]> => [{}];
