import { LoadError } from '../load-error.ts';
import { type ImageSize, longestSide } from './images.ts';

/** vLLM's default. */
export const usualImageSizes = '256x256:0.5,1280x720:0.5';

/**
 * Reads sizes with their shares: `512x512`, `256x256:0.7,1280x720:0.3`, or vLLM's `{(256, 256, 1): 0.7}` of height,
 * width and frames. Throws LoadError `bad-test`.
 */
export function parseImageSizes(text: string): readonly ImageSize[] {
  const isOfVllm = text.trim().startsWith('{');
  const sizes = isOfVllm ? sizesInBuckets(text) : text.split(',').map(sizeIn);
  if (sizes.length === 0) throw wrong(text, 'it has no size');
  const wrongSize = sizes.find(({ width, height }) => ![width, height].every(isSide));
  if (wrongSize !== undefined)
    throw wrong(
      text,
      `a side must be 1 to ${longestSide} pixels, not ${wrongSize.width}x${wrongSize.height}`,
    );
  if (!(sizes.reduce((sum, { share }) => sum + share, 0) > 0)) throw wrong(text, 'all shares are 0');
  return sizes.filter(({ share }) => share > 0);
}

function isSide(pixels: number): boolean {
  return Number.isInteger(pixels) && pixels >= 1 && pixels <= longestSide;
}

function sizeIn(part: string): ImageSize {
  const [, width, height, share = '1'] = /^\s*(\d+)x(\d+)(?::(\d*\.?\d+))?\s*$/.exec(part) ?? [];
  if (width === undefined || height === undefined) throw wrong(part, 'it is not a size');
  return { width: Number(width), height: Number(height), share: Number(share) };
}

const bucket = /\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)\s*:\s*(\d*\.?\d+)/g;

/** vLLM names height, width and the number of frames; more than one is a video. */
function sizesInBuckets(text: string): readonly ImageSize[] {
  const found = [...text.matchAll(bucket)].map(([, height, width, frames, share]) => ({
    size: { width: Number(width), height: Number(height), share: Number(share) },
    frames: Number(frames),
  }));
  const rest = text.replaceAll(bucket, '').replaceAll(/[{},\s]/g, '');
  if (rest !== '') throw wrong(text, `${rest} is not a size`);
  if (found.some(({ size, frames }) => frames > 1 && size.share > 0))
    throw wrong(text, 'videos are not supported, only one frame');
  return found.map(({ size }) => size);
}

function wrong(text: string, problem: string): LoadError {
  return new LoadError('bad-test', `--random-mm-bucket-config ${text}: ${problem}`, {
    hint: 'write WIDTHxHEIGHT with shares, such as 256x256:0.7,1280x720:0.3',
  });
}
