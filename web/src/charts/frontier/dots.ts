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
 * Paints every dot. A canvas draws thousands within a frame, which elements could not; each kind of
 * dot is drawn once as a stamp, because copying pixels takes a tenth of the time of filling a path.
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
  context.clearRect(0, 0, pixelWidth, pixelHeight);
  const within = (atX: number, atY: number) =>
    atX >= area.x[0] - 2 && atX <= area.x[1] + 2 && atY >= area.y[1] - 2 && atY <= area.y[0] + 2;
  // Points behind a frontier come first, so that they cover no frontier.
  for (const onFrontier of [false, true]) {
    context.globalAlpha = onFrontier ? 1 : backgroundOpacity;
    for (const { look, dots } of shown) {
      const dotArea = onFrontier ? frontierArea : backgroundArea;
      // Points behind a frontier are grey.
      const shown = onFrontier ? look : { ...look, colour: tokens.muted };
      const plain = stamp(shown, dotArea, shown.colour, ratio, tokens);
      const suspect = stamp(shown, dotArea, tokens.surface, ratio, tokens);
      for (const dot of dots) {
        if (dot.onFrontier !== onFrontier) continue;
        const [atX, atY] = [x(dot.x), y(dot.y)];
        if (!within(atX, atY)) continue;
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

const stamps = new Map<string, ImageBitmap>();

/** The picture of a kind of dot; there are few kinds, and each is drawn once. */
function stamp(look: Look, area: number, fill: string, ratio: number, tokens: Tokens): ImageBitmap {
  const { marker, colour, drafts, disagg } = look;
  const outline = markerPath(marker, area);
  const key = [outline, colour, fill, drafts ? tokens.surface : '', disagg, ratio].join(' ');
  const known = stamps.get(key) ?? stampOf(look, outline, area, fill, ratio, tokens);
  stamps.set(key, known);
  return known;
}

function stampOf(
  { colour, drafts, disagg }: Look,
  outline: string,
  area: number,
  fill: string,
  ratio: number,
  tokens: Tokens,
): ImageBitmap {
  const side = Math.ceil(2 * stampRadius * ratio);
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext('2d');
  if (context === null) return canvas.transferToImageBitmap();
  context.setTransform(ratio, 0, 0, ratio, stampRadius * ratio, stampRadius * ratio);
  const path = new Path2D(outline);
  context.fillStyle = fill;
  context.fill(path);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke(path);
  if (drafts) disc(context, Math.sqrt(area) * 0.2, tokens.surface, undefined);
  if (disagg) disc(context, Math.sqrt(area) * 0.95, undefined, colour);
  return canvas.transferToImageBitmap();
}
