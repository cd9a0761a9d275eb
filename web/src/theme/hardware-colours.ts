import type { Mode } from './tokens.ts';

interface Colour {
  readonly light: string;
  readonly dark: string;
}

/**
 * One permanent colour for each hardware. Found by search so that any two can be distinguished by
 * people with protanopia, deuteranopia and tritanopia (the test computes it), with 3:1 against the page.
 */
const known: Readonly<Record<string, Colour>> = {
  h100: { light: '#6093c1', dark: '#5689b5' },
  h200: { light: '#2b597d', dark: '#a0d1fb' },
  b200: { light: '#167d8c', dark: '#61bacb' },
  b300: { light: '#45481c', dark: '#c2c797' },
  gb200: { light: '#814dc6', dark: '#b281fd' },
  gb300: { light: '#4b11a1', dark: '#8661eb' },
  mi300x: { light: '#c88023', dark: '#b87104' },
  mi325x: { light: '#bb5428', dark: '#ed8257' },
  mi355x: { light: '#a20954', dark: '#d3457d' },
  cpu: { light: '#939183', dark: '#e5e3d4' },
};

export const hardwareColours: readonly Colour[] = Object.values(known);

/** The colour of a runner pool: its hardware's if the name contains one, such as `h200-cw`, else one derived from the name. */
export function hardwareColour(hw: string, mode: Mode): string {
  const words = hw.toLowerCase().split(/[^a-z0-9]+/);
  const named = words.find((word) => Object.hasOwn(known, word));
  const colour = named === undefined ? hardwareColours[hashOf(hw) % hardwareColours.length] : known[named];
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
