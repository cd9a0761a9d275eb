import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolRequestSchema, ListToolsRequestSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Knowledge } from './knowledge.ts';
import { BadQuestion, NotFound } from './question.ts';
import { questions } from './questions/index.ts';

const instructions = `Measurements of LLM inference: throughput, latency, cost and accuracy by model, shape (input/output tokens), hardware and serving engine. \`index\` lists what is available; \`best\` answers what each hardware type delivers and costs at a speed per user; \`points\`, \`point\` and \`history\` give every single measurement. Throughputs are in tokens per second per GPU, interactivity in tokens per second per user. Say if a figure is interpolated between two concurrencies, of another precision, suspect or old.`;

/** An MCP server over a store, with a tool for every question. */
export function mcpServer(knowledge: Knowledge): Server {
  const server = new Server(
    { name: 'inferencemax', version: knowledge.productVersion },
    { capabilities: { tools: {} }, instructions },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: given = {} } }) => {
    const question = questions.find((one) => one.name === name);
    if (question === undefined) return failed(`there is no tool '${name}'`);
    try {
      const answer = await question.ask(knowledge, given);
      return {
        structuredContent: z.record(z.string(), z.unknown()).parse(answer),
        content: [{ type: 'text', text: JSON.stringify(answer) }],
      };
    } catch (error) {
      if (error instanceof BadQuestion || error instanceof NotFound) return failed(error.message);
      process.stderr.write(
        `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      return failed('the server failed to answer; see its log');
    }
  });
  return server;
}

/** Serves over a transport until the other side closes it. */
export async function serveMcp(knowledge: Knowledge, transport: Transport): Promise<void> {
  const server = mcpServer(knowledge);
  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  await server.connect(transport);
  await ended;
}

const tools: Tool[] = questions.map(({ name, summary, description, params, answer }) => ({
  name,
  title: summary,
  description: `${summary}. ${description}`,
  inputSchema: objectSchema(params, 'input'),
  outputSchema: objectSchema(answer, 'output'),
  annotations: { readOnlyHint: true, openWorldHint: false },
}));

/** In JSON Schema draft 7, whose tuples every client understands. */
function objectSchema(schema: z.ZodType, io: 'input' | 'output') {
  return z
    .looseObject({ type: z.literal('object') })
    .parse(z.toJSONSchema(schema, { io, target: 'draft-7' }));
}

function failed(text: string) {
  return { isError: true, content: [{ type: 'text' as const, text }] };
}
