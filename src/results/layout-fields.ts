/** The fields of an aggregate row that say how an engine is laid out, in the order of a row (contract §5). */
export const layoutFields = [
  'tp',
  'ep',
  'dp_attention',
  'prefill_tp',
  'prefill_ep',
  'prefill_dp_attention',
  'prefill_num_workers',
  'decode_tp',
  'decode_ep',
  'decode_dp_attention',
  'decode_num_workers',
  'num_prefill_gpu',
  'num_decode_gpu',
] as const;
export type LayoutField = (typeof layoutFields)[number];
