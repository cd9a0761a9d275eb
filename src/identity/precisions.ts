/** Facts about a number format of weights. */
export interface Precision {
  /** Bytes per parameter, including the scales of block formats. */
  readonly paramBytes: number;
  /** Which of a GPU's dense rates applies to it. */
  readonly rate: 'bf16' | 'fp8' | 'fp4';
  /** Its torch type, if quantised weights can be converted to it. */
  readonly torchType?: string;
  /**
   * Dash pattern of its lines in charts, so that precisions can be distinguished without colour; '' for a solid line.
   */
  readonly dash?: string;
}

/** All precisions with known facts. To add one, add a line here. */
export const precisions: ReadonlyMap<string, Precision> = new Map(
  Object.entries<Precision>({
    fp4: { paramBytes: 0.56, rate: 'fp4', dash: '8 4' },
    q4: { paramBytes: 0.56, rate: 'bf16' },
    int4: { paramBytes: 0.56, rate: 'bf16', dash: '10 3 2 3' },
    fp8: { paramBytes: 1.03, rate: 'fp8', dash: '' },
    q8: { paramBytes: 1.06, rate: 'bf16' },
    int8: { paramBytes: 1.03, rate: 'bf16' },
    bf16: { paramBytes: 2, rate: 'bf16', torchType: 'bfloat16', dash: '2 4' },
    fp16: { paramBytes: 2, rate: 'bf16', torchType: 'float16', dash: '2 4' },
    fp32: { paramBytes: 4, rate: 'bf16', torchType: 'float32' },
  }),
);
