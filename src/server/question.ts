import type { z } from 'zod';
import type { Knowledge } from './knowledge.ts';

/**
 * One question that can be asked of the store: an endpoint below `/api/v1`, an operation of the OpenAPI document and a
 * tool of the MCP server, all from the same schemas.
 */
export interface ApiQuestion {
  /** Names the operation and the tool: snake_case. */
  readonly name: string;
  /** Below `/api/v1`; parameters in the path as `{id}`. */
  readonly path: `/${string}`;
  /** One line. */
  readonly summary: string;
  /** What the answer means and where its limits are. */
  readonly description: string;
  /** Parameters of the path and the query. */
  readonly params: z.ZodObject;
  readonly answer: z.ZodType;
  /** Whether an answer takes long to make: over HTTP it is then kept, and only a few are made at once. */
  readonly takesLong?: true;
  /** Throws BadQuestion or NotFound. */
  readonly ask: (knowledge: Knowledge, given: unknown) => Promise<unknown>;
}

/** What was asked is not well-formed: 400. */
export class BadQuestion extends Error {
  override readonly name = 'BadQuestion';
  readonly problems: readonly { readonly parameter: string; readonly message: string }[];

  constructor(problems: BadQuestion['problems']) {
    super(problems.map(({ parameter, message }) => `${parameter}: ${message}`).join('; '));
    this.problems = problems;
  }
}

/** What was asked for is not in the store: 404. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** What was asked for; throws NotFound where it is not in the store. */
export function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new NotFound(`there is no ${what}`);
  return value;
}

/** Ties a question's schemas to what answers it. */
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
          unstorable.map((parameter) => ({ parameter, message: 'must have no character U+0000 in it' })),
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

/** What is wrong with a parameter, in words that do not need its schema. */
function messageOf(issue: z.core.$ZodIssue, params: z.ZodObject, given: unknown): string {
  if (issue.code === 'unrecognized_keys')
    return `no such parameter; there are ${Object.keys(params.shape).join(', ') || 'none'}`;
  const [name] = issue.path;
  const isMissing = typeof given === 'object' && given !== null && name !== undefined && !(name in given);
  return isMissing ? 'is missing' : issue.message;
}

/** The parameters with a character that no store can hold and PostgreSQL does not even take as a parameter. */
function withNul(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' && value.includes('\0') ? [name] : [],
  );
}
