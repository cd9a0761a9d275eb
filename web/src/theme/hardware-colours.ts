import type { Mode } from './tokens.ts';

interface Colour {
  readonly light: string;
  readonly dark: string;
}

/**
 * One permanent colour for each hardware type. Found by search so that any two can be distinguished in both themes,
 * in greyscale and by people with protanopia, deuteranopia and tritanopia (the test computes it), with 3:1
 * against the page.
 */
export const hardwareColours: Readonly<Record<string, Colour>> = {
  h100: { light: '#175a93', dark: '#1a6ab5' },
  h200: { light: '#252758', dark: '#9da2f7' },
  b200: { light: '#0988f1', dark: '#0dddfe' },
  b300: { light: '#ab7100', dark: '#dcc013' },
  gb200: { light: '#5708ab', dark: '#9e59e6' },
  gb300: { light: '#1c8460', dark: '#02cc83' },
  mi300x: { light: '#c10800', dark: '#f47f42' },
  mi325x: { light: '#672010', dark: '#9d6249' },
  mi355x: { light: '#921770', dark: '#ee448c' },
  cpu: { light: '#9293a5', dark: '#e6e6ee' },
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
