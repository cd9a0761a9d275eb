import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { documentKinds } from './documents/index.ts';
import { problemSchema } from './http/problem.ts';
import { ingestAnswer, ingestParameters } from './ingest-route.ts';
import { questions } from './questions/index.ts';
import { tracePath } from './traces.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of everything served, made from the schemas that parse requests and answers. */
export function openApiDocument(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'InferenceMAX',
      version,
      description:
        'Measurements of LLM inference. Reading is open; writing needs a token from `inferencemax serve token create`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative to this document, so that it works under any prefix.
    servers: [{ url: '../..' }],
    tags: [
      { name: 'questions', description: 'The same as the tools of `inferencemax mcp`.' },
      { name: 'documents', description: 'What the views of the dashboard read.' },
      { name: 'operation', description: 'Writing, health and metrics.' },
    ],
    paths: Object.fromEntries([...questionPaths(), ...documentPaths(), ...operationPaths()]),
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function questionPaths() {
  return questions.map((question) => [
    `/api/v1${question.path}`,
    {
      get: {
        operationId: question.name,
        tags: ['questions'],
        summary: question.summary,
        description: question.description,
        parameters: parametersOf(question.path, question.params),
        responses: {
          200: jsonAnswer('The answer', question.answer),
          ...unchanged,
          ...problems({
            400: 'A parameter is wrong',
            404: 'Not found',
            429: tooMany,
            ...defined({ 503: question.takesLong === true ? 'Too many ask this at once' : undefined }),
          }),
        },
      },
    },
  ]);
}

function documentPaths() {
  return documentKinds.map(({ path, summary, schema }) => [
    `/data/${path}.json`,
    {
      get: {
        operationId: `document_${path.replaceAll(/\W+/g, '_').replace(/_$/, '')}`,
        tags: ['documents'],
        summary,
        parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
          name,
          in: 'path',
          required: true,
          schema: { type: 'string' },
        })),
        responses: {
          200: jsonAnswer('The document', schema),
          ...unchanged,
          ...problems({ 404: 'No such document', 429: tooMany }),
        },
      },
    },
  ]);
}

function operationPaths() {
  const text = { content: { 'text/plain': { schema: { type: 'string' } } } };
  return [
    [
      '/api/v1/ingest',
      {
        post: {
          operationId: 'ingest',
          tags: ['operation'],
          summary: 'Adds run artifacts to the store',
          description:
            'A zip of run directories or of the artifacts of a CI run. Malformed files are skipped with the reason. The parameters add what artifacts do not contain.',
          parameters: parametersOf('/api/v1/ingest', ingestParameters),
          security: [{ token: [] }],
          requestBody: {
            required: true,
            content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
          },
          responses: {
            200: jsonAnswer('What was ingested', ingestAnswer),
            ...problems({
              400: 'A parameter is wrong',
              401: 'The token is missing or wrong',
              413: 'The archive is too large',
              415: 'The content is not a zip archive',
              422: 'There is no archive, it is incomplete, or its run is known to be of another commit',
              429: tooMany,
              503: 'Too many other archives are waiting',
            }),
          },
        },
      },
    ],
    [
      tracePath,
      {
        get: {
          operationId: 'trace',
          tags: ['operation'],
          summary: "Downloads a trace of an engine's profiler",
          description:
            'A file for https://ui.perfetto.dev. Offered only by a server that listens for its own machine, because traces contain names of hosts and files.',
          parameters: ['id', 'name'].map((name) => ({
            name,
            in: 'path',
            required: true,
            schema: { type: 'string' },
          })),
          responses: {
            200: {
              description: 'The trace',
              content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
            },
            ...problems({ 404: 'There is no such trace on this server', 429: tooMany }),
          },
        },
      },
    ],
    [
      '/api/v1/openapi.json',
      {
        get: {
          operationId: 'openapi',
          tags: ['operation'],
          summary: 'This document',
          responses: { 200: jsonAnswer('The document', z.record(z.string(), z.unknown())), ...unchanged },
        },
      },
    ],
    [
      '/healthz',
      {
        get: {
          operationId: 'health',
          tags: ['operation'],
          summary: 'Whether the store answers',
          responses: { 200: { description: 'It does', ...text }, ...problems({ 500: 'It does not' }) },
        },
      },
    ],
    [
      '/metrics',
      {
        get: {
          operationId: 'metrics',
          tags: ['operation'],
          summary: 'Metrics for Prometheus',
          responses: { 200: { description: 'Text exposition format', ...text } },
        },
      },
    ],
  ] as const;
}

const tooMany = 'Too many requests: Retry-After says when to retry';
const unchanged = { 304: { description: 'Not changed since the ETag that was sent' } };

function problems(descriptions: Readonly<Record<number, string>>) {
  const schema = { $ref: '#/components/schemas/Problem' };
  return Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema } } },
    ]),
  );
}

function jsonAnswer(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema: schemaOf(schema, 'output') } } };
}

function parametersOf(path: string, params: z.ZodObject) {
  const { properties, required } = objectSchema.parse(schemaOf(params, 'input'));
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    const inPath = path.includes(`{${name}}`);
    return {
      name,
      in: inPath ? 'path' : 'query',
      required: inPath || required.includes(name),
      ...defined({ description }),
      schema,
    };
  });
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
  required: z.array(z.string()).default([]),
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'throw' });
  return json;
}
