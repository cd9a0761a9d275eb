import { expect, test } from 'vitest';
import { loadGpuConstants } from '../../config/index.ts';
import { withoutFigures } from './pool.ts';

test('a GPU without memory, bandwidth, TDP, power or price is a warning that names them', async () => {
  const constants = await loadGpuConstants();
  const of = (gpu: string) => constants.filter((one) => one.gpu === gpu).flatMap(withoutFigures);
  expect(of('b300')).toEqual([]);
  expect(of('gaudi3')).toMatchObject([
    {
      severity: 'warning',
      message: 'gaudi3 has no TDP, no all-in power, no price: figures that need it are unknown',
    },
  ]);
  expect(of('vr200')).toMatchObject([
    { message: 'vr200 has no memory, no memory bandwidth, no TDP: figures that need it are unknown' },
  ]);
});

test('every GPU that the checked-in configs are measured on has all of them', async () => {
  const measured = [
    'h100',
    'h200',
    'b200',
    'b300',
    'gb200',
    'gb300',
    'mi300x',
    'mi325x',
    'mi355x',
    'rtx6000pro',
  ];
  const constants = (await loadGpuConstants()).filter(({ gpu }) => measured.includes(gpu));
  expect(constants).toHaveLength(measured.length);
  expect(constants.flatMap(withoutFigures)).toEqual([]);
});
