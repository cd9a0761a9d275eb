import { precisions } from '../../identity/index.ts';

/** What an estimate needs to know of a model. */
export interface ModelShape {
  /** Parameters that every token passes. */
  readonly denseParams: number;
  /** Parameters of all experts together; 0 without experts. */
  readonly expertParams: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly layers: number;
  /** Bytes of KV cache per token of context, at one byte per number. */
  readonly kvBytesPerToken: number;
  /** Into how many parts tensor parallelism splits that cache: 1 for latent attention, which every GPU holds whole. */
  readonly kvParts: number;
}

/** By `model-prefix`; sizes are those of the model cards and configuration files. */
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
    // Every second layer only keeps a window of 128 tokens.
    kvBytesPerToken: 18 * 2 * 8 * 64,
    kvParts: 8,
  },
};

/** For a model whose name says nothing of its size. */
const unknownParams = 8e9;
const units = { b: 1e9, m: 1e6 } as const;

/** The shape of a model; of an unknown one a dense shape by the size in its name, such as `135M` or `8B`. */
export function modelShape(prefix: string, name: string): ModelShape {
  const shape = known[prefix];
  if (shape !== undefined) return shape;
  const match = /(\d+(?:\.\d+)?)([bm])(?![a-z])/i.exec(name);
  const unit = match?.[2]?.toLowerCase() === 'm' ? units.m : units.b;
  const params = match === null ? unknownParams : Number(match[1]) * unit;
  // Layers of a dense transformer grow about with the cube root of its parameters: 32 at 8 billion.
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

/** Bytes of one parameter of a precision; two where it is not known. */
export function paramBytes(precision: string): number {
  return precisions.get(precision)?.paramBytes ?? 2;
}

/** Bytes of a model's weights. */
export function weightBytes({ denseParams, expertParams }: ModelShape, precision: string): number {
  return (denseParams + expertParams) * paramBytes(precision);
}
