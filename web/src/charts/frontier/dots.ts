import type { Tokens } from '../../theme/tokens.ts';
import { type Look, markerPath } from '../marks.ts';
import type { Plot } from '../plot.ts';
import { drawOver, type Stamp, stampOf, wordsOf } from './pixels.ts';
import type { PlotSeries } from './plot-series.ts';

export const frontierArea = 64;
export const backgroundArea = 34;
export const backgroundOpacity = 0.4;
export const dimmedOpacity = 0.12;

/** Half the side of a stamp, pixels: the largest marker with its rim fits in. */
const stampRadius = 10;

/**
 * Paints every dot. Thousands are painted within a frame, which elements could not be: each kind of dot is drawn
 * once as a stamp, whose pixels are copied into the picture.
 */
export function paintDots(
  canvas: HTMLCanvasElement,
  shown: readonly PlotSeries[],
  { size: { width, height }, area, x, y }: Plot,
  tokens: Tokens,
): void {
  const ratio = devicePixelRatio || 1;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  if (pixelWidth === 0 || pixelHeight === 0) return;
  const picture = context.createImageData(pixelWidth, pixelHeight);
  const words = wordsOf(picture.data);
  const within = (atX: number, atY: number) =>
    atX >= area.x[0] - 2 && atX <= area.x[1] + 2 && atY >= area.y[1] - 2 && atY <= area.y[0] + 2;
  // Points behind a frontier come first, so that they cover no frontier.
  for (const onFrontier of [false, true]) {
    const opacity = onFrontier ? 1 : backgroundOpacity;
    for (const { look, dots } of shown) {
      const dotArea = onFrontier ? frontierArea : backgroundArea;
      // Points behind a frontier are grey.
      const shown = onFrontier ? look : { ...look, colour: tokens.muted };
      const kind = { look: shown, area: dotArea, opacity, ratio };
      const plain = stamp({ ...kind, fill: look.hollow ? tokens.surface : shown.colour }, tokens);
      const suspect = stamp({ ...kind, fill: tokens.surface }, tokens);
      for (const dot of dots) {
        if (dot.onFrontier !== onFrontier) continue;
        const [atX, atY] = [x(dot.x), y(dot.y)];
        if (!within(atX, atY)) continue;
        drawOver(
          picture,
          words,
          dot.point.verdict === 'suspect' ? suspect : plain,
          Math.round((atX - stampRadius) * ratio),
          Math.round((atY - stampRadius) * ratio),
        );
      }
    }
  }
  context.putImageData(picture, 0, 0);
}

function disc(
  context: OffscreenCanvasRenderingContext2D,
  radius: number,
  fill: string | undefined,
  stroke: string | undefined,
): void {
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  if (fill !== undefined) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke === undefined) return;
  context.lineWidth = 1;
  context.strokeStyle = stroke;
  context.stroke();
}

const stamps = new Map<string, Stamp>();

/** A kind of dot. */
interface DotKind {
  readonly look: Look;
  readonly area: number;
  readonly fill: string;
  readonly opacity: number;
  /** Pixels of the screen per pixel of the page. */
  readonly ratio: number;
}

/** The picture of a kind of dot; there are few kinds, and each is drawn once. */
function stamp(kind: DotKind, tokens: Tokens): Stamp {
  const { look, area, fill, opacity, ratio } = kind;
  const { marker, colour, drafts, disagg } = look;
  const outline = markerPath(marker, area);
  const key = [outline, colour, fill, opacity, drafts ? tokens.surface : '', disagg, ratio].join(' ');
  const known = stamps.get(key) ?? painted(kind, outline, tokens);
  stamps.set(key, known);
  return known;
}

function painted(
  { look: { colour, drafts, disagg }, area, fill, opacity, ratio }: DotKind,
  outline: string,
  tokens: Tokens,
): Stamp {
  const side = Math.ceil(2 * stampRadius * ratio);
  const context = new OffscreenCanvas(side, side).getContext('2d');
  if (context === null) return stampOf({ width: 0, height: 0, data: new Uint8ClampedArray(0) });
  context.setTransform(ratio, 0, 0, ratio, stampRadius * ratio, stampRadius * ratio);
  const path = new Path2D(outline);
  context.fillStyle = fill;
  context.fill(path);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke(path);
  if (drafts) disc(context, Math.sqrt(area) * 0.2, tokens.surface, undefined);
  if (disagg) disc(context, Math.sqrt(area) * 0.95, undefined, colour);
  return stampOf(context.getImageData(0, 0, side, side), opacity);
}
