import { z } from 'zod';
import type { Claim } from './claim.ts';
import { type Doubt, isClose, withoutLatencies } from './doubt.ts';

const counts = z.array(z.int().nonnegative());
const seconds = z.array(z.number().nonnegative());

const detailSchema = z.object({
  input_lens: counts.optional(),
  output_lens: counts.optional(),
  ttfts: seconds.optional(),
  itls: z.array(seconds).optional(),
  errors: z.array(z.string()).optional(),
});

/** The per-request details must cover the stated number of requests, and add up to the stated totals. */
export function doubtsOfDetail({ detail, latencies, outputTokens, completed }: Claim): Doubt[] {
  if (detail === undefined) return [];
  const leaves = ({ detail: _, ...claim }: Claim): Claim => claim;
  const parsed = detailSchema.safeParse(detail);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const says = `${issue?.path.join('.')} of the detail is not what it should be (${issue?.message}): the detail is dropped`;
    return [{ says, leaves }];
  }
  const { output_lens: lengths, ttfts = [] } = parsed.data;
  const sizes = Object.entries(parsed.data).map(([name, values]) => ({ name, size: values?.length }));
  const other = sizes.find(({ size }) => size !== sizes[0]?.size);
  if (other !== undefined) {
    const says = `${other.name} covers ${other.size} requests, but ${sizes[0]?.name} covers ${sizes[0]?.size}: the detail is dropped`;
    return [{ says, leaves }];
  }
  if (lengths === undefined) return [];
  const tokens = sum(lengths);
  if (tokens !== outputTokens) {
    const says = `output_lens add up to ${tokens}, but total_output_tokens is ${outputTokens}: the detail is dropped`;
    return [{ says, leaves }];
  }
  const answered = lengths.flatMap((length, index) => (length > 0 ? [index] : []));
  const without = answered.find((index) => ttfts[index] === 0);
  const withoutFirst = withoutLatencies('ttft', 'tpot');
  if (without !== undefined) {
    const says = `ttfts[${without}] is 0 s with ${lengths[without]} output tokens: TTFT, TPOT and the detail are dropped`;
    return [{ says, leaves: (claim) => leaves(withoutFirst(claim)) }];
  }
  const mean = latencies.ttft?.mean;
  if (mean === undefined || ttfts.length === 0 || answered.length !== completed) return [];
  const meanMs = (1000 * sum(answered.map((index) => ttfts[index] ?? Number.NaN))) / completed;
  if (isClose(mean, meanMs)) return [];
  const says = `mean_ttft_ms is ${mean} ms, but ttfts have a mean of ${meanMs} ms: TTFT, TPOT and the detail are dropped`;
  return [{ says, leaves: (claim) => leaves(withoutFirst(claim)) }];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
