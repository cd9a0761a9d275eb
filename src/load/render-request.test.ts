import { describe, expect, it } from 'vitest';
import { backends } from './backends/index.ts';
import { http } from './http/transport.ts';
import { modelPicker, type RequestSettings, renderRequest } from './render-request.ts';

const settings: RequestSettings = {
  backend: backends.openai,
  frames: [http.framer({ target: '/p', headers: [['Host', 'h']] })],
  model: 'base',
  ignoreEos: false,
  sampling: {},
  perChunkUsage: false,
  extraBody: { name: 'Größe' },
};
const prompt = {
  body: { kind: 'text', json: Buffer.from('"日"') },
  inputTokens: 1,
  outputTokens: 7,
} as const;

function read(changes: Partial<RequestSettings>, ...number: Parameters<typeof renderRequest>[2][]) {
  const bytes = Buffer.from(renderRequest({ ...settings, ...changes }, prompt, ...number).bytes);
  const end = bytes.indexOf('\r\n\r\n');
  const body = bytes.subarray(end + 4);
  return {
    head: bytes.toString('utf8', 0, end).split('\r\n'),
    body: JSON.parse(String(body)),
    length: body.length,
  };
}

describe('a request', () => {
  it('has a Content-Length that matches its bytes', () => {
    const { head, body, length } = read({});
    expect(head).toEqual(['POST /p HTTP/1.1', 'Host: h', `Content-Length: ${length}`]);
    expect(body).toMatchObject({ prompt: '日', model: 'base', max_tokens: 7, name: 'Größe' });
  });

  it('has a unique id if the test asks for one', () => {
    const lines = (index: number, phase: 'warmup' | 'measured') =>
      read({ requestIdPrefix: 'run-' }, { index, session: 0, phase }).head.filter((line) =>
        line.startsWith('x-request-id'),
      );
    expect(lines(3, 'measured')).toEqual(['x-request-id: run-3']);
    expect(lines(3, 'warmup')).toEqual(['x-request-id: run-warmup-3']);
    expect(read({ requestIdPrefix: 'run-' }).head).toHaveLength(3);
  });

  it('has the id of its conversation if the test asks for one', () => {
    const sessionHeader = { name: 'x-session-id', prefix: '7-' };
    const lines = (index: number, session: number, phase: 'warmup' | 'measured') =>
      read({ sessionHeader, requestIdPrefix: '' }, { index, session, phase }).head.slice(2, -1);
    expect(lines(5, 3, 'measured')).toEqual(['x-request-id: 5', 'x-session-id: 7-3']);
    expect(lines(6, 3, 'measured')).toEqual(['x-request-id: 6', 'x-session-id: 7-3']);
    expect(lines(6, 3, 'warmup')).toEqual(['x-request-id: warmup-6', 'x-session-id: 7-warmup-3']);
  });

  it('goes to the server of its conversation, or to the next one', () => {
    const frames = ['a', 'b', 'c'].map((host) => http.framer({ target: '/p', headers: [['Host', host]] }));
    const hosts = (urlAssignment: 'session' | 'round-robin') =>
      [0, 0, 1, 1, 2, 3].map((session, index) => {
        const { head } = read({ frames, urlAssignment }, { index, session, phase: 'measured' });
        return head[1]?.slice('Host: '.length);
      });
    expect(hosts('session')).toEqual(['a', 'a', 'b', 'b', 'c', 'a']);
    expect(hosts('round-robin')).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    // Probes go to the first one.
    expect(read({ frames, urlAssignment: 'round-robin' }).head[1]).toBe('Host: a');
  });

  it('has the fields of the prompt, unless the test sets them for all requests', () => {
    const own = { ...prompt, extraBody: { tools: [{ type: 'function' }], temperature: 0.7, name: 'own' } };
    const text = Buffer.from(renderRequest(settings, own).bytes).toString('utf8');
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    expect(JSON.parse(body)).toMatchObject({
      prompt: '日',
      tools: [{ type: 'function' }],
      temperature: 0.7,
      name: 'Größe',
    });
    expect(body.match(/temperature/g)).toHaveLength(1);
    expect(read({}).body).not.toHaveProperty('tools');
  });

  it('names one of several models, the same for the same seed', () => {
    const models = ['a', 'b', 'c'];
    const named = (assignment: 'random' | 'round-robin', seed: number) =>
      Array.from({ length: 60 }, (_, index) => {
        const modelOf = modelPicker({ models, assignment }, seed);
        return read({ modelOf }, { index, session: index, phase: 'measured' }).body.model;
      });
    expect(named('round-robin', 1).slice(0, 4)).toEqual(['a', 'b', 'c', 'a']);
    expect(named('random', 1)).toEqual(named('random', 1));
    expect(named('random', 1)).not.toEqual(named('random', 2));
    for (const model of models) {
      const count = named('random', 1).filter((name) => name === model).length;
      expect(count).toBeGreaterThan(8);
      expect(count).toBeLessThan(35);
    }
    const shared = modelPicker({ models, shares: [6, 3, 0], assignment: 'random' }, 1);
    const counts = Map.groupBy(
      Array.from({ length: 900 }, (_, index) => shared(index)),
      (model) => model,
    );
    expect(Math.abs((counts.get('a')?.length ?? 0) - 600)).toBeLessThan(60);
    expect(Math.abs((counts.get('b')?.length ?? 0) - 300)).toBeLessThan(60);
    expect(counts.has('c')).toBe(false);
    // Requests that are not part of the test, such as probes, use the base model.
    expect(read({ modelOf: () => 'a' }).body.model).toBe('base');
  });
});
