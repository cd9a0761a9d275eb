import { describe, expect, test } from 'vitest';
import { hardwareColour, hardwareColours } from './hardware-colours.ts';
import { type Mode, tokens } from './tokens.ts';

type Rgb = readonly [number, number, number];

const linear = (hex: string): Rgb => {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};

const luminance = (hex: string) => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** WCAG's contrast of two colours. */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** How a colour is seen with a deficiency: Machado, Oliveira and Fernandes (2009), complete deficiency, on linear light. */
const eyes: Readonly<Record<string, readonly number[]>> = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

function seen([r, g, b]: Rgb, eye: readonly number[]): Rgb {
  const row = (at: number) =>
    Math.min(1, Math.max(0, (eye[at] ?? 0) * r + (eye[at + 1] ?? 0) * g + (eye[at + 2] ?? 0) * b));
  return [row(0), row(3), row(6)];
}

/** Björn Ottosson's OKLab, where a distance is about how different two colours look. */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const modes: readonly Mode[] = ['light', 'dark'];

/** Differences at which two lines are clearly distinguishable: more in full colour than with a deficiency. */
const leastDifference = (eye: string) => (eye === 'normal' ? 0.16 : 0.07);
/** The same for the lightness of two greys; with more, ten of them have no room at 3:1 against the page. */
const leastLightness = 0.025;

/** Every two of the colours, with the names of their hardware. */
function pairsOf(mode: Mode): (readonly [names: string, a: string, b: string])[] {
  const all = Object.entries(hardwareColours);
  return all.flatMap(([name, a], index) =>
    all.slice(index + 1).map(([other, b]) => [`${name} and ${other}`, a[mode], b[mode]] as const),
  );
}

describe('hardware colours', () => {
  test.each(modes)('any two can be distinguished with any colour vision (%s)', (mode) => {
    for (const [eye, matrix] of Object.entries(eyes))
      for (const [names, ...pair] of pairsOf(mode)) {
        const [a, b] = pair.map((hex) => oklab(seen(linear(hex), matrix)));
        if (a === undefined || b === undefined) throw new Error('a pair is two colours');
        const difference = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        expect(difference, `${names}, ${eye}`).toBeGreaterThan(leastDifference(eye));
      }
  });

  test.each(modes)('any two can be distinguished in greyscale (%s)', (mode) => {
    const lightness = (hex: string) => Math.cbrt(luminance(hex));
    for (const [names, a, b] of pairsOf(mode))
      expect(Math.abs(lightness(a) - lightness(b)), names).toBeGreaterThan(leastLightness);
  });

  test.each(modes)('contrast with their background (%s)', (mode) => {
    for (const colour of Object.values(hardwareColours)) {
      expect(contrast(colour[mode], tokens[mode].surface)).toBeGreaterThan(3);
    }
  });

  test.each(modes)('text is readable on every background (%s)', (mode) => {
    const { canvas, surface, sunken, ink, muted, accent, good, warn, bad, onAccent } = tokens[mode];
    for (const background of [canvas, surface, sunken]) {
      for (const text of [ink, muted, accent, good, warn, bad]) {
        expect(contrast(text, background), `${text} on ${background}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(contrast(onAccent, accent)).toBeGreaterThanOrEqual(4.5);
  });

  test('depend on the hardware only, not on the name of the pool or on what else is shown', () => {
    expect(hardwareColour('h200-cw', 'light')).toBe(hardwareColour('H200', 'light'));
    expect(hardwareColour('synthetic-mi355x', 'dark')).toBe(hardwareColour('mi355x', 'dark'));
    expect(hardwareColour('gb200', 'light')).not.toBe(hardwareColour('b200', 'light'));
    expect(hardwareColour('tpu-v7', 'light')).toBe(hardwareColour('tpu-v7', 'light'));
  });
});

/** The hue of a colour, degrees around HSL's circle. */
function hueOf(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  const sixth = most === r ? (g - b) / span : most === g ? 2 + (b - r) / span : 4 + (r - g) / span;
  return (sixth * 60 + 360) % 360;
}

test('a hardware keeps its hue in both themes', () => {
  for (const { light, dark } of Object.values(hardwareColours)) {
    const apart = Math.abs(hueOf(light) - hueOf(dark));
    expect(Math.min(apart, 360 - apart)).toBeLessThan(20);
  }
});
