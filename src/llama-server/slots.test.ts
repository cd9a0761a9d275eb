import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const staying = new AbortController().signal;

test('requests that wait are served in order of arrival', async () => {
  const slots = new Slots(['only']);
  const held = await slots.acquire(staying);
  const order: string[] = [];
  const waiting = ['first', 'second'].map(async (name) => {
    const slot = await slots.acquire(staying);
    order.push(name);
    if (slot !== undefined) slots.release(slot);
  });
  expect(slots).toMatchObject({ busy: 1, waiting: 2 });
  if (held !== undefined) slots.release(held);
  await Promise.all(waiting);
  expect(order).toEqual(['first', 'second']);
  expect(slots).toMatchObject({ busy: 0, waiting: 0 });
});

test('of several free slots, the one that is worth most is used', async () => {
  const slots = new Slots([3, 9, 5]);
  const worth = (slot: number) => slot;
  const taken = [await slots.acquire(staying, worth), await slots.acquire(staying, worth)];
  expect(taken).toEqual([9, 5]);
  slots.release(9);
  expect(await slots.acquire(staying)).toBe(9);
  expect(await slots.acquire(staying)).toBe(3);
});

test('a request that is aborted while waiting holds nothing and is skipped', async () => {
  const slots = new Slots(['only']);
  const held = await slots.acquire(staying);
  const leaving = new AbortController();
  const left = slots.acquire(leaving.signal);
  const next = slots.acquire(staying);
  leaving.abort();
  expect(await left).toBeUndefined();
  if (held !== undefined) slots.release(held);
  expect(await next).toBe('only');
  expect(await slots.acquire(leaving.signal)).toBeUndefined();
});
