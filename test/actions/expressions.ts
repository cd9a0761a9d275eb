import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** What an expression can read: contexts by name, such as `github` or `needs`. */
export type Contexts = Readonly<Record<string, unknown>>;

/** The status of the job or step whose `if` is evaluated. */
export interface Status {
  readonly failed: boolean;
  readonly cancelled: boolean;
}

const statusFunctions = (status: Status) =>
  Object.entries({
    always: true,
    success: !status.failed && !status.cancelled,
    failure: status.failed,
    cancelled: status.cancelled,
  }).map(([name, value]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  }));

/** Evaluates an expression, without its `${{ }}`, with GitHub's parser and evaluator. */
export function evaluate(expression: string, contexts: Contexts, status: Status): unknown {
  const functions = statusFunctions(status);
  const tokens = new Lexer(expression).lex().tokens;
  const parsed = new Parser(tokens, Object.keys(contexts), functions).parse();
  const known = new Map(functions.map((one) => [one.name, one]));
  const result = new Evaluator(parsed, dictionary(contexts), known).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer));
}

/** Whether an `if` is true; as on GitHub, it requires success unless it contains a status function. */
export function holds(condition: unknown, contexts: Contexts, status: Status): boolean {
  if (condition === undefined) return !status.failed && !status.cancelled;
  const expression = String(condition).replace(/^\s*\$\{\{([\s\S]*)\}\}\s*$/, '$1');
  const asksForStatus = /\b(always|success|failure|cancelled)\s*\(/.test(expression);
  const whole = asksForStatus ? expression : `success() && (${expression})`;
  return Boolean(evaluate(whole, contexts, status));
}

/** Evaluates every expression in a workflow value; a text that is a single expression keeps its type. */
export function interpolate(value: unknown, contexts: Contexts, status: Status): unknown {
  if (Array.isArray(value)) return value.map((one) => interpolate(one, contexts, status));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, interpolate(inner, contexts, status)]),
    );
  }
  if (typeof value !== 'string') return value;
  const single = /^\$\{\{((?:(?!\}\})[\s\S])*)\}\}$/.exec(value.trim());
  if (single?.[1] !== undefined) return evaluate(single[1], contexts, status);
  return value.replaceAll(/\$\{\{([\s\S]*?)\}\}/g, (_, expression: string) =>
    asText(evaluate(expression, contexts, status)),
  );
}

/** A value as GitHub writes it into text. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function dictionary(contexts: Contexts): data.Dictionary {
  return new data.Dictionary(
    ...Object.entries(contexts).map(([key, value]) => ({ key, value: asData(value) })),
  );
}

function asData(value: unknown): data.ExpressionData {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(asData));
  return dictionary({ ...value });
}
