import type { Claim, Restatement } from './claim.ts';
import { UnreadableError } from './claim.ts';
import { type Doubt, isClose, isCount, roundedTolerance, tolerance, withoutLatencies } from './doubt.ts';
import { doubtsOfDetail } from './plausibility-of-detail.ts';
import { doubtsOfLatencies } from './plausibility-of-latencies.ts';

type Check = (claim: Claim) => readonly Doubt[];

/**
 * The plausible part of a claim, and the doubts about the rest, in words. Throws UnreadableError with all doubts if nothing
 * is left.
 */
export function believable(claim: Claim): { readonly claim: Claim; readonly doubts: readonly string[] } {
  const doubts: string[] = [];
  const left = checks.reduce((before, check) => {
    const found = check(before);
    const fatal = found.filter(({ leaves }) => leaves === 'nothing').map(({ says }) => says);
    if (fatal.length > 0) throw new UnreadableError(fatal.join('; '));
    doubts.push(...found.map(({ says }) => says));
    return found.reduce((rest, { leaves }) => (leaves === 'nothing' ? rest : leaves(rest)), before);
  }, claim);
  return { claim: left, doubts };
}

/** The gravest checks come first, so that later ones may rely on them. */
const checks: readonly Check[] = [
  doubtsOfEssentials,
  doubtsOfRequests,
  doubtsOfInputTokens,
  doubtsOfRates,
  doubtsOfRetokenizing,
  doubtsOfGoodput,
  doubtsOfDetail,
  doubtsOfLatencies,
];

function doubtsOfEssentials({ durationS, completed, outputTokens }: Claim): Doubt[] {
  const fatal = (says: string): Doubt => ({ says, leaves: 'nothing' });
  const doubts: Doubt[] = [];
  if (!(durationS > 0 && durationS < Number.POSITIVE_INFINITY))
    doubts.push(fatal(`duration is ${durationS} s, which is too short`));
  for (const [field, value] of Object.entries({ completed, total_output_tokens: outputTokens }))
    if (!isCount(value)) doubts.push(fatal(`${field} is ${value}, which is not a count`));
  if (completed === 0 && outputTokens > 0)
    doubts.push(fatal(`total_output_tokens is ${outputTokens} although no request completed`));
  if (completed > 0 && outputTokens === 0)
    doubts.push(fatal(`total_output_tokens is 0 although ${completed} requests completed`));
  return doubts;
}

function doubtsOfRequests({ asked, completed, failed }: Claim): Doubt[] {
  const withoutAsked = (claim: Claim): Claim => ({ ...claim, asked: null, failed: null });
  const doubts: Doubt[] = [];
  if (failed !== null && !isCount(failed)) {
    const says = `failed is ${failed}, which is not a count: it is dropped`;
    doubts.push({ says, leaves: (claim) => ({ ...claim, failed: null }) });
  }
  if (asked === null) return doubts;
  if (!isCount(asked)) {
    doubts.push({
      says: `num_prompts is ${asked}, which is not a count: it is dropped`,
      leaves: withoutAsked,
    });
  } else if (completed > asked) {
    const says = `completed is ${completed}, more than num_prompts of ${asked}: num_prompts and failed are dropped`;
    doubts.push({ says, leaves: withoutAsked });
  } else if (failed !== null && isCount(failed) && completed + failed > asked) {
    const says = `failed is ${failed} and completed ${completed}, together more than num_prompts of ${asked}: num_prompts and failed are dropped`;
    doubts.push({ says, leaves: withoutAsked });
  }
  return doubts;
}

const withoutInput = (claim: Claim): Claim => {
  const { inputTokens: _, totalTokens: __, ...rates } = claim.rates;
  return { ...claim, inputTokens: null, rates };
};

function doubtsOfInputTokens({ inputTokens, completed }: Claim): Doubt[] {
  if (inputTokens === null || (isCount(inputTokens) && inputTokens >= completed)) return [];
  const why = isCount(inputTokens)
    ? `fewer than the ${completed} prompts that were answered`
    : 'which is not a count';
  const says = `total_input_tokens is ${inputTokens}, ${why}: it and total_token_throughput are dropped`;
  return [{ says, leaves: withoutInput }];
}

/** Rates and other redundant values must follow from counts and duration. */
function doubtsOfRates(claim: Claim): Doubt[] {
  const { rates, durationS, completed, inputTokens, outputTokens } = claim;
  const outputs = [
    { field: 'request_throughput', value: rates.requests, follows: completed / durationS },
    { field: 'output_throughput', value: rates.outputTokens, follows: outputTokens / durationS },
  ].filter(({ value, follows }) => value !== undefined && !isClose(value, follows));
  const restated = (claim.restatements ?? []).filter(
    ({ value, follows }) => !isClose(value, follows, roundedTolerance),
  );
  const says = ({
    field,
    value,
    follows,
  }: Pick<Restatement, 'field' | 'follows'> & { readonly value: number | undefined }): string =>
    `${field} is ${value}, but ${Number(follows.toPrecision(6))} follows from ${completed} completed requests with ${inputTokens ?? 'unknown'} input and ${outputTokens} output tokens in ${durationS} s`;
  const wrong = [...outputs, ...restated.filter(({ ofInput }) => ofInput !== true)];
  if (wrong.length > 0) return wrong.map((each) => ({ says: says(each), leaves: 'nothing' }));
  if (inputTokens === null) return [];

  // The output is right, so either the input or the sum is wrong; it is unknown which.
  const totals = [
    {
      field: 'total_token_throughput',
      value: rates.totalTokens,
      follows: (inputTokens + outputTokens) / durationS,
    },
    { field: 'input_throughput', value: rates.inputTokens, follows: inputTokens / durationS },
  ].filter(({ value, follows }) => value !== undefined && !isClose(value, follows));
  const [first] = [...totals, ...restated];
  if (first === undefined) return [];
  return [
    {
      says: `${says(first)}: total_input_tokens and total_token_throughput are dropped`,
      leaves: withoutInput,
    },
  ];
}

/** Tokens that the text does not confirm were counted from the request, or belong to text that was not timed. */
function doubtsOfRetokenizing({ retokenizedOutputTokens: again, outputTokens, completed }: Claim): Doubt[] {
  if (again == null || completed === 0) return [];
  const beside = `total_output_tokens_retokenized is ${again} beside total_output_tokens of ${outputTokens}`;
  if (!isCount(again) || again === 0)
    return [{ says: `${beside}: the text does not match the tokens`, leaves: 'nothing' }];
  if (again > 2 * outputTokens)
    return [{ says: `${beside}: too few tokens are counted`, leaves: (claim) => claim }];
  if (again >= outputTokens / 2) return [];
  const says = `${beside}: most tokens had no text, by which latencies are measured; TTFT, TPOT and ITL are dropped`;
  return [{ says, leaves: withoutLatencies('ttft', 'tpot', 'itl') }];
}

function doubtsOfGoodput({ rates, completed, durationS }: Claim): Doubt[] {
  const { goodRequests: good } = rates;
  const most = completed / durationS;
  if (good === undefined || (good >= 0 && good <= most * (1 + tolerance))) return [];
  const says = `request_goodput is ${good}, but at most ${most} requests a second completed: it is dropped`;
  const leaves = ({ rates: { goodRequests: _, ...others }, ...claim }: Claim): Claim => ({
    ...claim,
    rates: others,
  });
  return [{ says, leaves }];
}
