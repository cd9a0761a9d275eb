import type { Tokens } from '../../theme/tokens.ts';
import { type Look, markerPath } from '../marks.ts';
import type { Plot } from '../plot.ts';
import type { PlotSeries } from './plot-series.ts';

export const frontierArea = 64;
export const backgroundArea = 34;
export const backgroundOpacity = 0.4;
export const dimmedOpacity = 0.12;

/** Half the side of a stamp, pixels: the largest marker with its rim fits in. */
const stampRadius = 10;

/**
 * Paints every dot. Thousands of them are drawn again within a frame, which as elements they would not be; each kind of
 * dot is drawn once as a stamp, because copying pixels costs a tenth of filling a path.
 */
export function paintDots(
  canvas: HTMLCanvasElement,
  shown: readonly PlotSeries[],
  { size: { width, height }, area, x, y }: Plot,
  tokens: Tokens,
  highlighted: string | undefined,
): void {
  const ratio = devicePixelRatio || 1;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.clearRect(0, 0, pixelWidth, pixelHeight);
  const within = (atX: number, atY: number) =>
    atX >= area.x[0] - 2 && atX <= area.x[1] + 2 && atY >= area.y[1] - 2 && atY <= area.y[0] + 2;
  // What is behind a frontier first, so that no frontier is covered.
  for (const onFrontier of [false, true]) {
    for (const { key, look, dots } of shown) {
      const dotArea = onFrontier ? frontierArea : backgroundArea;
      // What is behind a frontier steps back into grey.
      const shown = onFrontier ? look : { ...look, colour: tokens.muted };
      const plain = stamp(shown, dotArea, shown.colour, ratio, tokens);
      const suspect = stamp(shown, dotArea, tokens.surface, ratio, tokens);
      const isDimmed = highlighted !== undefined && highlighted !== key;
      context.globalAlpha = isDimmed ? dimmedOpacity : onFrontier ? 1 : backgroundOpacity;
      for (const dot of dots) {
        const [atX, atY] = [x(dot.x), y(dot.y)];
        if (dot.onFrontier !== onFrontier || !within(atX, atY)) continue;
        context.drawImage(
          dot.point.verdict === 'suspect' ? suspect : plain,
          Math.round((atX - stampRadius) * ratio),
          Math.round((atY - stampRadius) * ratio),
        );
      }
    }
  }
}

function disc(
  context: CanvasRenderingContext2D,
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

function stamp(
  { marker, colour, drafts, disagg }: Look,
  area: number,
  fill: string,
  ratio: number,
  tokens: Tokens,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.ceil(2 * stampRadius * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  context.setTransform(ratio, 0, 0, ratio, stampRadius * ratio, stampRadius * ratio);
  const outline = new Path2D(markerPath(marker, area));
  context.fillStyle = fill;
  context.fill(outline);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke(outline);
  if (drafts) disc(context, Math.sqrt(area) * 0.2, tokens.surface, undefined);
  if (disagg) disc(context, Math.sqrt(area) * 0.95, undefined, colour);
  return canvas;
}
