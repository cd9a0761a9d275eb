import type { Need } from '../../../../src/derived/answer.ts';
import {
  absenceWords,
  areCostsProvenDifferent,
  caveats,
  costWords,
  devices,
  isModelled,
  needWords,
  priceWords,
  tokenWords,
  withoutFiguresWords,
} from '../../data/decision-words.ts';
import type { Names } from '../../data/names.ts';
import { serverWords } from '../../data/server-words.ts';
import type { Decided } from '../../data/use-decision.ts';
import { significant } from '../../parts/format.ts';
import type { CostRow } from './cost-rows.ts';
import type { CostValues } from './params.ts';

interface CostAnswerTextProps {
  readonly rows: readonly CostRow[];
  readonly decided: Decided;
  readonly need: Need;
  readonly names: Names;
  readonly values: CostValues;
}

/** The ranking in words: the cheapest, whether the next one is proven more expensive, and which hardware is left out and why. */
export function CostAnswerText({ rows, decided, need, names, values }: CostAnswerTextProps) {
  const [first, second] = rows;
  const { absent, withoutPrice, withoutFigures } = decided.decision;
  return (
    <div aria-live="polite">
      {first === undefined ? (
        <p class="answer">
          With {needWords(need)}, no measurement of hardware with a price qualifies. Relax the limits or enter
          a price.
        </p>
      ) : (
        <p class="answer">
          With {needWords(need)}, <strong>{names.hardware(first.row.answer.hw)}</strong> is the cheapest:{' '}
          <strong>
            {costWords(first.row)} per million {tokenWords[values.tokens]}
          </strong>
          {priceWords(first.row)}, with {server(first, names)} on {devices(first.row)}.{' '}
          {caveats(first.row, need).join(' ')}
          {second &&
            (areCostsProvenDifferent(first.row, second.row)
              ? ` ${names.hardware(second.row.answer.hw)} costs ${timesWords(first, second)} times as much.`
              : ` ${names.hardware(second.row.answer.hw)} is not proven more expensive.`)}
        </p>
      )}
      {(absent.length > 0 || withoutPrice.length > 0) && (
        <p class="absent">
          Not in the ranking:{' '}
          {[
            ...absent.map((one) => ({
              hw: one.hw,
              reason: one.reason as string,
              why: absenceWords(one, need),
            })),
            ...withoutPrice.map((hw) => ({
              hw,
              reason: 'no-price',
              why: values.kwh ? 'no price or no known power' : 'no price',
            })),
          ].map(({ hw, reason, why }, at) => (
            <span key={hw} data-absent={hw} data-reason={reason}>
              {at > 0 && '; '}
              <b>{names.hardware(hw)}</b>: {why}
            </span>
          ))}
          .
        </p>
      )}
      {withoutFigures > 0 && <p class="absent">{withoutFiguresWords(withoutFigures)}</p>}
    </div>
  );
}

/** How many times as much the second one costs, with no more digits than are known. */
function timesWords(first: CostRow, second: CostRow): string {
  const times = second.usd / first.usd;
  const isExact = ![first, second].some(({ row }) => isModelled(row.answer));
  return isExact ? times.toFixed(2) : `about ${significant(times, 2)}`;
}

function server({ row }: CostRow, names: Names): string {
  const [point] = row.points;
  return point === undefined ? '' : serverWords(point.point.series, names);
}
