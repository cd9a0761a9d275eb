import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { flag, formatQuery, number, oneOf, parseQuery, text, words, zoom } from './params.ts';
import { hashOf, parseHash, viewNames } from './route.ts';
import { followAddress } from './use-route.ts';

afterEach(() => vi.unstubAllGlobals());

const params = {
  model: text(),
  axis: oneOf(['interactivity', 'ttft'], 'interactivity'),
  hw: words,
  log: flag,
  target: number({ min: 0, max: 1000 }),
  zoom,
};

const bounds = fc
  .uniqueArray(fc.integer({ min: -9999, max: 9999 }), { minLength: 4, maxLength: 4 })
  .map((all) => all.toSorted((a, b) => a - b))
  .map(([a = 0, b = 1, c = 2, d = 3]) => [a, b, c, d] as const);
const values = fc.record({
  model: fc.string(),
  axis: fc.constantFrom<'interactivity' | 'ttft'>('interactivity', 'ttft'),
  hw: fc.array(fc.string({ minLength: 1 })),
  log: fc.boolean(),
  target: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
  zoom: fc.option(bounds, { nil: undefined }),
});

describe('an address', () => {
  test('has everything that was chosen, and nothing else', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...viewNames), fc.string(), (chosen, view, id) => {
        const hash = hashOf(view, { id, query: formatQuery(params, chosen) });
        const route = parseHash(hash);
        expect(route).toMatchObject({ view, id });
        expect(parseQuery(params, route.query)).toEqual(chosen);
      }),
    );
  });

  test('without choices is the view alone', () => {
    expect(hashOf('explore', { query: formatQuery(params, parseQuery(params, '')) })).toBe('#/explore');
    expect(parseHash('')).toEqual({ view: 'overview', id: '', query: '' });
  });

  test('that is partly invalid keeps the valid part', () => {
    const {
      model,
      axis,
      hw,
      target,
      zoom: shown,
    } = parseQuery(params, 'model=dsr1&axis=speed&hw=%25E0%25A4&target=1e9&zoom=5,1,0,9');
    expect({ model, axis, hw, target, shown }).toEqual({
      model: 'dsr1',
      axis: 'interactivity',
      hw: [],
      target: undefined,
      shown: undefined,
    });
    expect(parseHash('#/nowhere?x=1').view).toBe('unknown');
  });

  test('is readable', () => {
    const chosen = { ...parseQuery(params, ''), model: 'dsr1', hw: ['h200', 'b200'] };
    expect(formatQuery(params, chosen)).toBe('model=dsr1&hw=h200,b200');
  });
});

test('an address that changed before it was followed is not missed, and later changes are followed until the end', () => {
  const page = new EventTarget();
  const location = { hash: '#/?speed=80' };
  vi.stubGlobal('location', location);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  const seen: string[] = [];
  const stop = followAddress((hash) => seen.push(hash));
  expect(seen).toEqual(['#/?speed=80']);
  location.hash = '#/?speed=90';
  page.dispatchEvent(new Event('hashchange'));
  stop();
  page.dispatchEvent(new Event('hashchange'));
  expect(seen).toEqual(['#/?speed=80', '#/?speed=90']);
});
