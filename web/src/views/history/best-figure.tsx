import { useMemo } from 'preact/hooks';
import { type BestOverTime, bestOverTime } from '../../../../src/derived/best-over-time.ts';
import { unknownImage } from '../../../../src/derived/candidate.ts';
import type { HistoryDocument } from '../../../../src/server/api.ts';
import { Figure } from '../../charts/figure.tsx';
import { type HeldLine, HeldLinesPicture, heldLinesPlot } from '../../charts/held-lines-picture.tsx';
import type { Size } from '../../charts/size.ts';
import { type Steps, stepsAlong } from '../../charts/steps.ts';
import { candidatesOf, type PointCandidate } from '../../data/candidates.ts';
import {
  levelValueOf,
  modelled,
  modelledNote,
  needWords,
  throughputLabel,
} from '../../data/decision-words.ts';
import { type Device, deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names.ts';
import { pointsOf } from '../../data/points.ts';
import { serverWords } from '../../data/server-words.ts';
import { type DecisionBasis, useDecided } from '../../data/use-decision.ts';
import { Absent } from '../../parts/absent.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { day, plural, quantity, shortNumber, signedPercent } from '../../parts/format.ts';
import { Remarks } from '../../parts/remarks.tsx';
import { needOf, type QuestionValues } from '../../state/question.ts';
import { hashOf } from '../../state/route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';
import {
  type BestChange,
  changedIn,
  changesOf,
  concurrencies,
  findingOf,
  isProven,
  relativeOf,
  standingOf,
} from './best-rows.ts';

interface BestFigureProps {
  readonly basis: DecisionBasis;
  readonly histories: readonly HistoryDocument[];
  readonly values: QuestionValues;
  readonly names: Names;
  readonly about: string;
}

/** The answer to the question as it was at the end of each day, a line for each kind of hardware. */
export function BestFigure({ basis, histories, values, names, about }: BestFigureProps) {
  const { mode } = useTheme();
  const { question, speed, decision } = useDecided(basis, values);
  const candidates = useMemo(() => candidatesOf(histories.flatMap(pointsOf)), [histories]);
  const best = useMemo(() => bestOverTime(candidates, question), [candidates, question]);
  const ofConfigurations = useMemo(
    () => bestOverTime(candidates, question, ({ configuration }) => configuration),
    [candidates, question],
  );
  const changes = useMemo(() => changesOf(best), [best]);
  const need = needOf(values, speed);
  const lines = best
    .filter(({ moments }) => moments.some(({ row }) => row !== null))
    .map(
      ({ hw, moments }): HeldLine => ({
        key: hw,
        name: names.hardware(hw),
        colour: hardwareColour(hw, mode),
        moments: moments.map(({ atS, row }) => ({
          atS,
          read: row === null ? null : levelValueOf(row.answer),
          standing: standingOf({ atS, row }),
        })),
      }),
    );
  const times = [
    Math.min(...changes.map(({ atS }) => atS)),
    Math.max(...candidates.map(({ measuredAtS }) => measuredAtS)),
  ] as const;
  const device = deviceOf(lines.map(({ key }) => key));
  return (
    <>
      <p class="answer">{findingOf(best, ofConfigurations, names)}</p>
      <Remarks shape={basis.shape} />
      {lines.length > 0 && (
        <Figure
          topic="answer"
          title={`The best at ${quantity(shortNumber(speed), 'tok/s')} per user, over time`}
          note={`${about}, with ${needWords(need)}. For each day the question is answered from the newest measurement of each configuration up to that day; accuracies are those known today. A filled mark was measured on its day, a hollow one is interpolated from a measurement of that day; dashes only carry a result forward, which was not measured again. The axis is logarithmic.${modelledNote(changes.flatMap(({ row }) => row?.answer ?? []))}`}
          fileName={`${basis.shape.key}_best_over_time`}
          columns={columns(names, device)}
          rows={changes}
          height={(width) => (width < 600 ? 340 : 420)}
          steps={(size) => bestSteps({ best, lines, times, size, names })}
          picture={(size, tokens) => (
            <HeldLinesPicture
              lines={lines}
              times={times}
              size={size}
              tokens={tokens}
              yLabel={`${throughputLabel(need.tokens, device)}, higher is better`}
            />
          )}
        />
      )}
      <Absent
        absent={decision.absent.filter(({ hw }) => !lines.some(({ key }) => key === hw))}
        need={need}
        names={names}
        title="Not in the chart"
      />
      {changes.length > 0 && <Changes changes={changes} names={names} />}
    </>
  );
}

const mostListed = 12;

/** The newest changes in words; the figure's table has all of them. */
function Changes({
  changes,
  names,
}: {
  readonly changes: readonly BestChange<PointCandidate>[];
  readonly names: Names;
}) {
  const real = changes.filter((change) => changedIn(change) !== 'interpolation');
  const shown = real.slice(0, mostListed);
  const interpolated = changes.length - real.length;
  return (
    <section class="card" aria-label="What changed the best results">
      <h2>What changed the best results</h2>
      <ol class="plain best-changes">
        {shown.map((change) => {
          const { hw, atS, row, before } = change;
          const [point] = row?.points ?? [];
          return (
            <li key={`${hw} ${atS}`} data-listed={changedIn(change) ?? 'same'}>
              <strong>{changeWords(change)}</strong> {names.hardware(hw)}, {day(atS)}
              {row !== null && point !== undefined && (
                <>
                  :{' '}
                  <a href={hashOf('point', { id: point.id })}>
                    {quantity(modelled(row.answer, row.answer.tputPerGpu), 'tok/s')} per {deviceOf([hw])}
                  </a>{' '}
                  {before !== null && (
                    <>
                      from {modelled(before.answer, before.answer.tputPerGpu)}, measured{' '}
                      {day(before.measuredAtS)};{' '}
                    </>
                  )}
                  <span class="quiet">
                    {serverWords(point.point.series, names)}, concurrency {concurrencies(row.points)}
                    {whatElse(change, names)}
                  </span>
                </>
              )}
              {row === null && before !== null && (
                <span class="quiet">
                  {' '}
                  the newer measurement no longer meets the limits; before, it served{' '}
                  {quantity(modelled(before.answer, before.answer.tputPerGpu), 'tok/s')} (measured{' '}
                  {day(before.measuredAtS)})
                </span>
              )}
            </li>
          );
        })}
      </ol>
      {real.length > shown.length && (
        <p class="quiet">{real.length - shown.length} older changes are in the table of the figure.</p>
      )}
      {shown.some((change) => relativeOf(change) !== null && !isProven(change)) && (
        <p class="quiet">
          “No proven change”: two measurements of an unchanged server can differ by as much, or the range
          between the concurrencies of an interpolated result contains the other one.
        </p>
      )}
      {interpolated > 0 && (
        <p class="quiet" data-interpolated={interpolated}>
          {plural(interpolated, 'more step')} of the lines {interpolated === 1 ? 'is' : 'are'} neither a gain
          nor a loss: the same server is interpolated between other concurrencies than before.
        </p>
      )}
    </section>
  );
}

/** `+16.1 % with another server`; what repeats or interpolation explain is neither a gain nor a loss. */
function changeWords(change: BestChange<PointCandidate>): string {
  const relative = relativeOf(change);
  if (relative === null) return change.row === null ? 'no longer qualifies' : 'first result';
  return `${isProven(change) ? signedPercent(relative) : 'no proven change'}${comparedWords(change)}`;
}

/** With what else the result is compared, after its change in percent. */
function comparedWords(change: BestChange<PointCandidate>): string {
  switch (changedIn(change)) {
    case 'server':
      return ' with another server';
    case 'concurrency':
      return ' at another concurrency';
    case 'interpolation':
      return ' interpolated between other concurrencies';
    case null:
      return '';
  }
}

/** How the current best server differs from the previous one. */
function whatElse({ row, before }: BestChange<PointCandidate>, names: Names): string {
  const [now, then] = [row?.points[0]?.point, before?.points[0]?.point];
  if (now === undefined || then === undefined) return '';
  if (now.series.key !== then.series.key) return `, in place of ${serverWords(then.series, names)}`;
  if (now.layout !== then.layout) return `, with the layout ${now.layout} instead of ${then.layout}`;
  if (before !== null && concurrencies(before.points) !== concurrencies(row?.points ?? []))
    return ` in place of ${concurrencies(before.points)}`;
  if (now.image !== then.image && now.image !== unknownImage && then.image !== unknownImage)
    return `, with the image ${now.image} instead of ${then.image}`;
  return '';
}

interface BestStepsOptions {
  readonly best: readonly BestOverTime<PointCandidate>[];
  readonly lines: readonly HeldLine[];
  readonly times: readonly [from: number, to: number];
  readonly size: Size;
  readonly names: Names;
}

/** The days with a change, one by one. */
function bestSteps({ best, lines, times, size, names }: BestStepsOptions): Steps {
  const plot = heldLinesPlot({ lines, times, size });
  const { x, y, area } = plot;
  const days = [...Map.groupBy(changesOf(best).toReversed(), ({ atS }) => atS)].map(([atS, changes]) => ({
    atS,
    changes,
  }));
  const all = stepsAlong(
    days,
    ({ atS }) => x(atS),
    area.x,
    ({ atS, changes }) => {
      const most = Math.max(...changes.flatMap(({ row }) => row?.answer.tputPerGpu ?? []));
      return {
        at: Number.isFinite(most) ? { x: x(atS), y: y(most) } : null,
        title: day(atS),
        rows: changes.map((change) => {
          return [
            names.hardware(change.hw),
            change.row === null
              ? 'nothing qualifies'
              : `${quantity(modelled(change.row.answer, change.row.answer.tputPerGpu), 'tok/s')}${stepWords(change)}`,
          ] as const;
        }),
      };
    },
  );
  const open = (index: number) => {
    const id = days[index]?.changes.findLast(({ row }) => row !== null)?.row?.points[0]?.id;
    if (id !== undefined) location.hash = hashOf('point', { id });
  };
  return { plot, named: 'days of change', all, open };
}

function stepWords(change: BestChange<PointCandidate>): string {
  if (change.before === null) return '';
  return ` (${relativeOf(change) === null ? comparedWords(change).trim() : changeWords(change)})`;
}

function columns(names: Names, device: Device): readonly FigureColumn<BestChange<PointCandidate>>[] {
  const first = ({ row }: BestChange<PointCandidate>) => row?.points[0];
  return [
    {
      key: 'from',
      header: 'From',
      value: ({ atS }) => new Date(atS * 1000).toISOString(),
      show: ({ atS }) => day(atS),
    },
    {
      key: 'hw',
      header: 'Hardware',
      value: ({ hw }) => names.hardware(hw),
      href: (change) => {
        const point = first(change);
        return point && hashOf('point', { id: point.id });
      },
    },
    {
      key: 'tput_per_gpu (tok/s/GPU)',
      header: `tok/s per ${device}`,
      numeric: true,
      value: ({ row }) => row?.answer.tputPerGpu ?? null,
      show: ({ row }) => (row === null ? '–' : modelled(row.answer, row.answer.tputPerGpu)),
    },
    {
      key: 'change',
      header: 'Change',
      numeric: true,
      value: relativeOf,
      show: (change) => {
        const relative = relativeOf(change);
        return relative === null ? '–' : isProven(change) ? signedPercent(relative) : 'not proven';
      },
    },
    {
      key: 'compared',
      header: 'With',
      value: (change) =>
        change.before === null || change.row === null
          ? null
          : comparedWords(change).trim() || 'the same configuration',
    },
    {
      key: 'server',
      header: 'Server',
      wide: true,
      value: (change) => {
        const point = first(change);
        return point === undefined
          ? null
          : `${serverWords(point.point.series, names)}, ${point.point.layout}`;
      },
    },
    {
      key: 'concurrency',
      header: 'Concurrency',
      value: ({ row }) => (row === null ? null : concurrencies(row.points)),
    },
    { key: 'image', header: 'Image', value: (change) => first(change)?.point.image ?? null },
    {
      key: 'verdict',
      header: 'Verdict',
      value: ({ row }) => (row === null ? null : row.verdict),
    },
  ];
}
