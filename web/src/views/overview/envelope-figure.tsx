import { type BestAnswer, type Need, pointsOf } from '../../../../src/derived/answer.ts';
import { type EnvelopeLine, EnvelopePicture } from '../../charts/envelope-picture.tsx';
import { Figure } from '../../charts/figure.tsx';
import type { AnsweredPoint } from '../../data/candidates.ts';
import { levelValueOf, modelled, modelledNote, throughputLabel } from '../../data/decision-words.ts';
import { type Device, deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names.ts';
import { serverWords } from '../../data/server-words.ts';
import type { ShownAnswer } from '../../data/shown-answer.ts';
import type { FigureColumn } from '../../parts/figures.ts';
import { seconds } from '../../parts/format.ts';
import { hashOf } from '../../state/route.ts';
import { hardwareColour } from '../../theme/hardware-colours.ts';
import { useTheme } from '../../theme/theme.ts';

interface EnvelopeFigureProps {
  readonly answered: ShownAnswer;
  readonly names: Names;
  readonly about: string;
}

/** What each hardware type delivers at every speed within the limits, with the values at the requested speed. */
export function EnvelopeFigure({ answered, names, about }: EnvelopeFigureProps) {
  const { mode } = useTheme();
  const { shape, need, decision, envelopes } = answered;
  const { speed, speedStatistic, ttftMs, ttftStatistic, tokens } = need;
  const reading = new Map(decision.rows.map(({ answer }) => [answer.hw, levelValueOf(answer)]));
  const lines = envelopes.map(
    ({ hw, places }): EnvelopeLine => ({
      key: hw,
      name: names.hardware(hw),
      colour: hardwareColour(hw, mode),
      points: places.map(({ speed: x, answer }) => ({ x, y: answer.tputPerGpu })),
      measured: measuredOf(places),
      read: reading.get(hw),
    }),
  );
  const rows = envelopes.flatMap(({ places }) => places);
  const device = deviceOf(envelopes.map(({ hw }) => hw));
  const first = ttftMs === null ? '' : `, first token within ${seconds(ttftMs)} (${ttftStatistic})`;
  return (
    <Figure
      topic="answer"
      title={`The best of each hardware type at every speed, tok/s per ${device}`}
      note={`${about}${first}. At each speed a line shows the best single server. Both axes are logarithmic.${modelledNote(decision.rows.map(({ answer }) => answer))}`}
      fileName={`${shape.key}_best`}
      columns={columns(names, device, ttftStatistic)}
      rows={rows}
      height={(width) => (width < 600 ? 360 : 420)}
      picture={(size, tokens_) => (
        <EnvelopePicture
          lines={lines}
          size={size}
          tokens={tokens_}
          level={speed}
          xLabel={`Interactivity (tok/s per user, ${speedStatistic}), higher is better`}
          yLabel={`${throughputLabel(tokens, device)}, higher is better`}
        />
      )}
    />
  );
}

/** A measured point is the answer at many speeds, but one dot. */
function measuredOf(places: readonly Place[]): EnvelopeLine['measured'] {
  const dots = new Map(
    places.flatMap(({ answer: { at, speed, tputPerGpu } }) =>
      at.kind === 'measured' ? [[at.point.id, { x: speed, y: tputPerGpu }] as const] : [],
    ),
  );
  return [...dots.values()];
}

interface Place {
  /** The requested speed. */
  readonly speed: number;
  readonly answer: BestAnswer<AnsweredPoint>;
}

function columns(
  names: Names,
  device: Device,
  statistic: Need['ttftStatistic'],
): readonly FigureColumn<Place>[] {
  return [
    {
      key: 'hw',
      header: 'Hardware',
      value: ({ answer }) => names.hardware(answer.hw),
      href: ({ answer }) => {
        const [point] = pointsOf(answer);
        return point && hashOf('point', { id: point.id });
      },
    },
    {
      key: 'interactivity (tok/s/user)',
      header: 'tok/s per user',
      numeric: true,
      value: ({ speed }) => speed,
    },
    {
      key: 'tput_per_gpu (tok/s/GPU)',
      header: `tok/s per ${device}`,
      numeric: true,
      value: ({ answer }) => answer.tputPerGpu,
      show: ({ answer }) => modelled(answer, answer.tputPerGpu),
    },
    {
      key: 'ttft_ms',
      header: `First token, ${statistic} (ms)`,
      numeric: true,
      value: ({ answer }) => answer.ttftMs,
      show: ({ answer }) => (answer.ttftMs === null ? '–' : modelled(answer, answer.ttftMs)),
    },
    {
      key: 'p99_ttft_ms',
      header: 'p99 first token (ms)',
      numeric: true,
      value: ({ answer }) => answer.p99TtftMs,
      show: ({ answer }) => (answer.p99TtftMs === null ? '–' : modelled(answer, answer.p99TtftMs)),
    },
    {
      key: 'server',
      header: 'Server',
      value: ({ answer }) => {
        const [point] = pointsOf(answer);
        return point === undefined
          ? null
          : `${serverWords(point.point.series, names)}, ${point.point.layout}`;
      },
      wide: true,
    },
    {
      key: 'concurrency',
      header: 'Concurrency',
      value: ({ answer }) =>
        pointsOf(answer)
          .map(({ conc }) => conc)
          .join(' to '),
    },
  ];
}
