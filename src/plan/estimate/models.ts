import { precisions } from '../../identity/index.ts';

/** The properties of a model that estimates need. */
export interface ModelShape {
  /** Parameters used for every token. */
  readonly denseParams: number;
  /** Parameters of all experts together; 0 without experts. */
  readonly expertParams: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly layers: number;
  /** Bytes of KV cache per token of context, assuming one byte per value. */
  readonly kvBytesPerToken: number;
  /**
   * The number of parts into which tensor parallelism splits the KV cache: 1 for latent attention, of which
   * every GPU holds all.
   */
  readonly kvParts: number;
}

/** By `model-prefix`; sizes are from model cards and configuration files. */
const known: Readonly<Record<string, ModelShape>> = {
  dsr1: {
    denseParams: 17e9,
    expertParams: 654e9,
    experts: 256,
    expertsPerToken: 8,
    layers: 61,
    kvBytesPerToken: 61 * 576,
    kvParts: 1,
  },
  gptoss: {
    denseParams: 1.5e9,
    expertParams: 115e9,
    experts: 128,
    expertsPerToken: 4,
    layers: 36,
    // Every second layer caches only a window of 128 tokens.
    kvBytesPerToken: 18 * 2 * 8 * 64,
    kvParts: 8,
  },
};

/** Parameters of a model whose name does not contain its size. */
const unknownParams = 8e9;
const units = { b: 1e9, m: 1e6 } as const;

/**
 * The shape of a model. An unknown model is assumed to be dense, with the size in its name, such as `135M` or
 * `8B`.
 */
export function modelShape(prefix: string, name: string): ModelShape {
  const shape = known[prefix];
  if (shape !== undefined) return shape;
  const match = /(\d+(?:\.\d+)?)([bm])(?![a-z])/i.exec(name);
  const unit = match?.[2]?.toLowerCase() === 'm' ? units.m : units.b;
  const params = match === null ? unknownParams : Number(match[1]) * unit;
  // The number of layers of a dense transformer grows roughly with the cube root of its parameters: 32 at 8
  // billion.
  const layers = Math.max(8, Math.round(32 * Math.cbrt(params / 8e9)));
  return {
    denseParams: params,
    expertParams: 0,
    experts: 1,
    expertsPerToken: 1,
    layers,
    kvBytesPerToken: layers * 2048,
    kvParts: 8,
  };
}

/** Bytes per parameter of a precision; 2 if unknown. */
export function paramBytes(precision: string): number {
  return precisions.get(precision)?.paramBytes ?? 2;
}

/** Size of a model's weights in bytes. */
export function weightBytes({ denseParams, expertParams }: ModelShape, precision: string): number {
  return (denseParams + expertParams) * paramBytes(precision);
}
