import type { PointDocument } from '../../../../src/server/api.ts';
import { energyInWords, type PowerFacts, powerSentences, unusableWords } from '../../data/power-words.ts';
import { About } from '../../parts/about.tsx';
import { Facts } from '../../parts/facts.tsx';
import { percent, quantity, shortNumber } from '../../parts/format.ts';

/** Measured power, what limited it, and the energy per token; or why power that was sampled is unusable. */
export function Power({ point: { power, unusablePower } }: { readonly point: PointDocument }) {
  const unusable = unusableWords(unusablePower);
  if (power === null && unusable === null) return null;
  return (
    <section class="card">
      <h2>
        Measured power <About topic="power" of="measured power" />
      </h2>
      {unusable !== null && <p data-unusable-power>{unusable}</p>}
      {power !== null && <Figures power={power} />}
    </section>
  );
}

function Figures({ power }: { readonly power: PowerFacts }) {
  const { meanW, limit, meanClockMhz, maxClockMhz, longestGapS, host } = power;
  const ofLimit = limit === null ? '' : `, ${percent(meanW / limit.w, 0)} of ${shortNumber(limit.w)}\u00a0W`;
  const ofMost = maxClockMhz === null ? '' : ` of at most ${shortNumber(maxClockMhz)}`;
  return (
    <>
      <p>{powerSentences(power).join(' ')}</p>
      <Facts
        facts={[
          ['Mean power', `${quantity(shortNumber(meanW), 'W')}${ofLimit}`],
          [
            'Power of the whole machine, with the GPUs',
            host === null ? null : `${quantity(shortNumber(host.meanW), 'W')}, by ${host.source}`,
          ],
          ['Energy per output token', energyInWords(power)],
          [
            'Mean clock',
            meanClockMhz === null ? null : `${quantity(shortNumber(meanClockMhz), 'MHz')}${ofMost}`,
          ],
          [
            'Longest time between samples',
            longestGapS === null ? null : quantity(shortNumber(longestGapS), 's'),
          ],
        ]}
      />
    </>
  );
}
