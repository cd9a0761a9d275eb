import type { OverviewShape } from '../../../../src/server/api.ts';
import { age, day, shortNumber } from '../../parts/format.ts';
import { Verdict } from '../../parts/verdict.tsx';
import { hashOf } from '../../state/route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import type { Criterion, Ranked, RankingPlace } from './ranking.ts';

interface RankingBarsProps {
  readonly level: OverviewShape['levels'][number];
  readonly ranking: readonly Ranked[];
  readonly criterion: Criterion;
  readonly staleAfterDays: number | undefined;
}

/** Each hardware's best at the level, as bars from 0 with their figures, and how old each figure is. */
export function RankingBars({ level, ranking, criterion, staleAfterDays }: RankingBarsProps) {
  const { mode } = useTheme();
  const longest = Math.max(...ranking.flatMap(({ value }) => value ?? []), Number.MIN_VALUE);
  return (
    <ol class="ranking" aria-label={`${criterion.label} at ${level.medianInteractivity} tok/s per user`}>
      {ranking.map(({ place, name, value }) => (
        <li key={place.hw} data-hw={place.hw} data-value={value ?? ''}>
          <div class="ranking-name">
            <a href={hashOf('point', { id: firstId(place) })} title={provenance(place)}>
              {name}
            </a>
            <Freshness measuredAt={place.measuredAt} staleAfterDays={staleAfterDays} />
            {place.verdict === 'suspect' && <Verdict verdict="suspect" />}
          </div>
          <div class="ranking-bar">
            {value !== null && (
              <span
                style={{ width: `${(100 * value) / longest}%`, background: hardwareColour(place.hw, mode) }}
              />
            )}
          </div>
          <span class="ranking-value">
            {place.at.kind === 'interpolated' && value !== null && <abbr title={provenance(place)}>≈</abbr>}
            {criterion.show(value)}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Freshness({
  measuredAt,
  staleAfterDays = Number.POSITIVE_INFINITY,
}: {
  readonly measuredAt: string;
  readonly staleAfterDays: number | undefined;
}) {
  const isStale = Date.now() - Date.parse(measuredAt) > staleAfterDays * 86_400_000;
  return (
    <time class={isStale ? 'warn' : 'quiet'} dateTime={measuredAt} title={day(measuredAt)}>
      {isStale ? `stale, ${age(measuredAt)}` : age(measuredAt)}
    </time>
  );
}

function provenance({ at }: RankingPlace): string {
  return at.kind === 'measured'
    ? 'A measured point'
    : `On the straight line between two measured points, ${shortNumber(at.range[0])} and ${shortNumber(at.range[1])} tok/s/GPU`;
}

function firstId({ at }: RankingPlace): string {
  return at.kind === 'measured' ? at.id : at.ids[1];
}
