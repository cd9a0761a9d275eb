import { Axes } from '../../../charts/axes.tsx';
import { Figure } from '../../../charts/figure.tsx';
import { type Plot, plotOf, spanOf } from '../../../charts/plot.ts';
import type { Size } from '../../../charts/size.ts';
import type { Steps } from '../../../charts/steps.ts';
import type { FigureColumn } from '../../../parts/figures.ts';
import { percent, plural, quantity, shortNumber, withUnit } from '../../../parts/format.ts';
import type { Tokens } from '../../../theme/tokens.ts';
import { ColourKey } from './colour-key.tsx';
import { type ConversationKind, type LaneLayout, laneLayout, type SessionRequest } from './lanes.ts';

const mostRows = 56;
const rowHeight = 10;
const surround = { top: 22, bottom: 44 };

export const kindNames: Readonly<Record<ConversationKind, string>> = {
  main: 'main agent',
  subagent: 'subagent',
  worker: 'worker of a group',
  parallel: 'parallel agent',
  auxiliary: 'auxiliary call',
};

function colourOf(kind: ConversationKind, tokens: Tokens): string {
  const colours: Readonly<Record<ConversationKind, string>> = {
    main: tokens.accent,
    subagent: tokens.good,
    worker: tokens.warn,
    parallel: tokens.warn,
    auxiliary: tokens.muted,
  };
  return colours[kind];
}

interface LanesFigureProps {
  readonly pointId: string;
  readonly requests: readonly SessionRequest[];
  /** Lanes of the whole run. */
  readonly ofLanes: number;
}

/** When each agent of the first lanes waited for the server and paused, over the run. */
export function LanesFigure({ pointId, requests, ofLanes }: LanesFigureProps) {
  const layout = laneLayout(requests, mostRows);
  const kinds = [...new Set(layout.placed.map(({ request }) => request.kind))];
  const height = surround.top + surround.bottom + rowHeight * layout.rows;
  const shown = layout.lanes.length;
  return (
    <Figure
      topic="sessions"
      title="Sessions over time"
      note={`${shown === ofLanes ? plural(shown, 'lane') : `lanes 1 to ${shown} of ${ofLanes}`}; a bar is a request, a thin line the pause before the next one, and a dark start the time to the first token`}
      fileName={`${pointId.slice(0, 12)}_sessions`}
      columns={requestColumns}
      rows={layout.placed.map(({ request }) => request)}
      height={() => height}
      steps={(size) => stepsOf(layout, size)}
      picture={(size, tokens) => <LanesPicture layout={layout} size={size} tokens={tokens} />}
      below={
        <ColourKey
          entries={[
            ...kinds.map((kind) => ({
              name: kindNames[kind],
              colour: (tokens: Tokens) => colourOf(kind, tokens),
            })),
            ...(layout.placed.some(({ request }) => !request.isCompleted)
              ? [{ name: 'not completed', colour: ({ bad }: Tokens) => bad }]
              : []),
            { name: 'faint: warm-up, before the dashed line', colour: ({ line }: Tokens) => line },
          ]}
        />
      }
    />
  );
}

export const requestColumns: readonly FigureColumn<SessionRequest>[] = [
  { key: 'lane', header: 'Lane', numeric: true, value: ({ lane }) => lane + 1 },
  { key: 'tree', header: 'Session tree', numeric: true, value: ({ play }) => play + 1 },
  { key: 'agent', header: 'Agent', value: ({ kind }) => kindNames[kind] },
  { key: 'turn', header: 'Turn', numeric: true, value: ({ turn }) => turn + 1 },
  { key: 'start_s', header: 'Sent (s)', numeric: true, value: ({ startS }) => startS },
  { key: 'end_s', header: 'Ended (s)', numeric: true, value: ({ endS }) => endS },
  { key: 'ttft_s', header: 'TTFT (s)', numeric: true, value: ({ ttftS }) => ttftS },
  { key: 'input_tokens', header: 'Input tokens', numeric: true, value: ({ inputTokens }) => inputTokens },
  { key: 'output_tokens', header: 'Output tokens', numeric: true, value: ({ outputTokens }) => outputTokens },
  { key: 'cached_tokens', header: 'Cached tokens', numeric: true, value: ({ cachedTokens }) => cachedTokens },
  { key: 'ideal_share', header: 'Ideal hit rate', numeric: true, value: ({ idealShare }) => idealShare },
  { key: 'completed', header: 'Completed', value: ({ isCompleted }) => (isCompleted ? 'yes' : 'no') },
  { key: 'phase', header: 'Phase', value: ({ isMeasured }) => (isMeasured ? 'measured' : 'warm-up') },
];

function lanesPlot({ placed, rows }: LaneLayout, size: Size): Plot {
  const first = placed.reduce((least, { request }) => Math.min(least, request.startS), 0);
  const last = placed.reduce((most, { request }) => Math.max(most, request.endS), first);
  return plotOf(size, surround, { exact: spanOf(first, last) }, { exact: [rows, 0] });
}

/** The top of a row, in pixels. */
function topOf(row: number): number {
  return surround.top + row * rowHeight;
}

function LanesPicture({
  layout,
  size,
  tokens,
}: {
  readonly layout: LaneLayout;
  readonly size: Size;
  readonly tokens: Tokens;
}) {
  const plot = lanesPlot(layout, size);
  const { x, area } = plot;
  return (
    <g>
      <Axes plot={plot} x={{ label: 's' }} y={{ label: 'Lane', ticks: [] }} tokens={tokens} />
      {layout.lanes.map(({ lane, firstRow, rows }, index) => (
        <g key={lane} data-lane={lane}>
          {index % 2 === 0 && (
            <rect
              x={area.x[0]}
              y={topOf(firstRow)}
              width={area.x[1] - area.x[0]}
              height={rows * rowHeight}
              fill={tokens.sunken}
              fill-opacity="0.6"
            />
          )}
          <text
            x={area.x[0] - 8}
            y={topOf(firstRow) + rowHeight / 2}
            dy="0.34em"
            text-anchor="end"
            font-size="10"
            fill={tokens.muted}
          >
            {lane + 1}
          </text>
        </g>
      ))}
      {layout.pauses.map(({ row, fromS, toS }) => (
        <path
          key={`${row} ${fromS}`}
          d={`M${x(fromS).toFixed(1)},${topOf(row) + rowHeight / 2}H${x(toS).toFixed(1)}`}
          stroke={tokens.muted}
          stroke-opacity="0.55"
        />
      ))}
      {layout.placed.map(({ request, row }) => {
        const { startS, endS, ttftS, isCompleted, isMeasured } = request;
        const colour = isCompleted ? colourOf(request.kind, tokens) : tokens.bad;
        const left = x(startS);
        const bar = { y: topOf(row) + 1.5, height: rowHeight - 3, fill: colour };
        return (
          <g key={`${row} ${startS} ${request.conversation}`} opacity={isMeasured ? 1 : 0.35}>
            <rect
              x={left}
              width={Math.max(1, x(endS) - left)}
              {...bar}
              fill-opacity="0.62"
              data-turn={request.turn}
            />
            {ttftS !== null && <rect x={left} width={Math.max(0.5, x(startS + ttftS) - left)} {...bar} />}
          </g>
        );
      })}
      <path d={`M${x(0).toFixed(1)},${area.y[1]}V${area.y[0]}`} stroke={tokens.ink} stroke-dasharray="3 3" />
    </g>
  );
}

/** The requests one by one, in the order in which they were sent. */
function stepsOf(layout: LaneLayout, size: Size): Steps {
  const plot = lanesPlot(layout, size);
  const { x } = plot;
  const all = layout.placed.map(({ request, row }) => {
    const { startS, endS, ttftS, inputTokens, outputTokens, cachedTokens } = request;
    const [from, to] = [x(startS), x(endS)];
    return {
      from,
      to: Math.max(to, from + 1),
      band: [topOf(row), topOf(row + 1)] as const,
      at: { x: (from + to) / 2, y: topOf(row) + rowHeight / 2 },
      title: `Lane ${request.lane + 1}, ${kindNames[request.kind]}, turn ${request.turn + 1}`,
      rows: [
        ['Sent', quantity(shortNumber(startS), 's')],
        ['Took', quantity(shortNumber(endS - startS), 's')],
        ['First token', withUnit(ttftS, 's')],
        ['Input', withUnit(inputTokens, 'tokens')],
        [
          'Cached',
          cachedTokens === null || inputTokens === null || inputTokens === 0
            ? 'not known'
            : percent(cachedTokens / inputTokens),
        ],
        ['Output', withUnit(outputTokens, 'tokens')],
      ] as const,
    };
  });
  return { plot, named: 'requests', all };
}
