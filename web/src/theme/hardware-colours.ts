import type { Mode } from './tokens.ts';

interface Colour {
  readonly light: string;
  readonly dark: string;
}

/**
 * One permanent colour for each hardware. Found by search so that any two can be distinguished in both themes,
 * in greyscale and by people with protanopia, deuteranopia and tritanopia (the test computes it), with 3:1
 * against the page.
 */
export const hardwareColours: Readonly<Record<string, Colour>> = {
  h100: { light: '#2b5d80', dark: '#3474c1' },
  h200: { light: '#0a386e', dark: '#709ecf' },
  b200: { light: '#2995ba', dark: '#8ed0e9' },
  b300: { light: '#7c8519', dark: '#c1df4c' },
  gb200: { light: '#5d08ac', dark: '#a94cf7' },
  gb300: { light: '#1c7d60', dark: '#42c88a' },
  mi300x: { light: '#915723', dark: '#f28f06' },
  mi325x: { light: '#5f1803', dark: '#aa4e16' },
  mi355x: { light: '#8e284e', dark: '#e7528a' },
  cpu: { light: '#949487', dark: '#e9e9e2' },
};

const spare = Object.values(hardwareColours);

/** The colour of a runner pool: its hardware's if the name contains one, such as `h200-cw`, else one derived from the name. */
export function hardwareColour(hw: string, mode: Mode): string {
  const words = hw.toLowerCase().split(/[^a-z0-9]+/);
  const named = words.find((word) => Object.hasOwn(hardwareColours, word));
  const colour = named === undefined ? spare[hashOf(hw) % spare.length] : hardwareColours[named];
  return colour?.[mode] ?? '#808080';
}

/** A small, even number for a name, the same everywhere (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
