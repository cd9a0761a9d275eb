import type { z } from 'zod';
import type { Knowledge } from './knowledge.ts';

/**
 * One question about the store: an endpoint under `/api/v1`, an operation of the OpenAPI document and a tool
 * of the MCP server, all made from the same schemas.
 */
export interface ApiQuestion {
  /** The name of the operation and the tool, in snake_case. */
  readonly name: string;
  /** The path under `/api/v1`, with parameters as `{id}`. */
  readonly path: `/${string}`;
  /** One line. */
  readonly summary: string;
  /** The meaning and the limits of the answer. */
  readonly description: string;
  /** Parameters of the path and the query. */
  readonly params: z.ZodObject;
  readonly answer: z.ZodType;
  /** Set if the answer is expensive: over HTTP it is cached, and only a few are computed at once. */
  readonly takesLong?: true;
  /** Throws BadQuestion or NotFound. */
  readonly ask: (knowledge: Knowledge, given: unknown) => Promise<unknown>;
}

/** The request is malformed (400). */
export class BadQuestion extends Error {
  override readonly name = 'BadQuestion';
  readonly problems: readonly { readonly parameter: string; readonly message: string }[];

  constructor(problems: BadQuestion['problems']) {
    super(problems.map(({ parameter, message }) => `${parameter}: ${message}`).join('; '));
    this.problems = problems;
  }
}

/** The requested thing is not in the store (404). */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** The value, or throws NotFound if it is undefined. */
export function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new NotFound(`there is no ${what}`);
  return value;
}

/** Defines a question from its schemas and its implementation. */
export function question<Params extends z.ZodObject, Answer extends z.ZodType>(
  asked: Omit<ApiQuestion, 'ask' | 'params' | 'answer'> & {
    readonly params: Params;
    readonly answer: Answer;
    readonly ask: (knowledge: Knowledge, params: z.output<Params>) => Promise<z.input<Answer>>;
  },
): ApiQuestion {
  return {
    ...asked,
    ask: async (knowledge, given) => {
      const unstorable = withNul(given);
      if (unstorable.length > 0)
        throw new BadQuestion(
          unstorable.map((parameter) => ({ parameter, message: 'must not contain the character U+0000' })),
        );
      const parsed = asked.params.safeParse(given);
      if (parsed.success) return await asked.ask(knowledge, parsed.data);
      throw new BadQuestion(
        parsed.error.issues.map((issue) => ({
          parameter: issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.'),
          message: messageOf(issue, asked.params, given),
        })),
      );
    },
  };
}

/** A parameter error in words that can be understood without the schema. */
function messageOf(issue: z.core.$ZodIssue, params: z.ZodObject, given: unknown): string {
  if (issue.code === 'unrecognized_keys')
    return `no such parameter; parameters: ${Object.keys(params.shape).join(', ') || 'none'}`;
  const [name] = issue.path;
  const isMissing = typeof given === 'object' && given !== null && name !== undefined && !(name in given);
  return isMissing ? 'is missing' : issue.message;
}

/** The parameters with U+0000, which no store can hold and PostgreSQL rejects even as a parameter. */
function withNul(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' && value.includes('\0') ? [name] : [],
  );
}
