import type { z } from 'zod';
import type { Knowledge } from '../knowledge.ts';

/** One kind of document: a page of the dashboard reads it from `data/<path>.json`, whoever serves or wrote that. */
export interface DocumentKind<Document = unknown> {
  /** What follows `data/`, without `.json`; parts that vary as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly schema: z.ZodType;
  /** The document for the parts of a path; undefined where there is none. */
  readonly build: (
    knowledge: Knowledge,
    parts: Readonly<Record<string, string>>,
  ) => Promise<Document | undefined>;
  /** The parts of every document of this kind that is published. */
  readonly all: (knowledge: Knowledge) => Promise<readonly Readonly<Record<string, string>>[]>;
}

/** Ties a kind's schema to what builds it. */
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

/** Of a kind with one document. */
export const theOne = async (): Promise<readonly Readonly<Record<never, string>>[]> => [{}];
