/** What is known of a number format of weights beside its name. */
export interface Precision {
  /** Bytes of one parameter, with the scales of block formats. */
  readonly paramBytes: number;
  /** At which of a GPU's dense rates it is multiplied. */
  readonly rate: 'bf16' | 'fp8' | 'fp4';
  /** What torch calls it, if quantised weights can be widened to it. */
  readonly torchType?: string;
  /** How the lines of charts are broken, so that precisions are told apart without colour; '' for a whole line. */
  readonly dash?: string;
}

/** Every precision that more than its name is known of; adding one is a line here. */
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
