import { useState } from 'preact/hooks';
import { Axes } from '../../../charts/axes.tsx';
import { Figure } from '../../../charts/figure.tsx';
import { type Plot, plotOf } from '../../../charts/plot.ts';
import type { Size } from '../../../charts/size.ts';
import type { Steps } from '../../../charts/steps.ts';
import { Choice } from '../../../parts/choice.tsx';
import { percent, plural, withUnit } from '../../../parts/format.ts';
import type { Tokens } from '../../../theme/tokens.ts';
import { ColourKey } from './colour-key.tsx';
import type { SessionRequest } from './lanes.ts';
import { kindNames, requestColumns } from './lanes-figure.tsx';

interface TurnsFigureProps {
  readonly pointId: string;
  readonly requests: readonly SessionRequest[];
}

/** How long the prompts of one lane were, turn by turn, and how much of each came from the cache. */
export function TurnsFigure({ pointId, requests }: TurnsFigureProps) {
  const lanes = [...new Set(requests.map(({ lane }) => lane))].toSorted((a, b) => a - b);
  const [asked, choose] = useState<number>();
  const lane = asked ?? lanes[0] ?? 0;
  const turns = requests.filter((request) => request.lane === lane && request.inputTokens !== null);
  return (
    <div class="one-lane">
      {lanes.length > 1 && (
        <Choice
          label="Lane"
          value={String(lane)}
          options={lanes.map((one) => ({ value: String(one), text: String(one + 1) }))}
          onChange={(value) => choose(Number(value))}
        />
      )}
      <Figure
        topic="sessions"
        title="Input tokens and cached share per turn"
        note={`lane ${lane + 1}: ${plural(turns.length, 'request')} in the order in which they were sent`}
        fileName={`${pointId.slice(0, 12)}_turns_lane_${lane + 1}`}
        columns={requestColumns}
        rows={turns}
        height={() => 240}
        steps={(size) => stepsOf(turns, size)}
        picture={(size, tokens) => <TurnsPicture turns={turns} size={size} tokens={tokens} />}
        below={
          <ColourKey
            entries={[
              { name: 'from the cache', colour: ({ accent }) => accent },
              { name: 'computed', colour: ({ line }) => line },
              { name: 'line: possible with an unlimited cache', colour: ({ ink }) => ink },
            ]}
          />
        }
      />
    </div>
  );
}

function turnsPlot(turns: readonly SessionRequest[], size: Size): Plot {
  return plotOf(
    size,
    { top: 22 },
    { exact: [0, Math.max(1, turns.length)] },
    { values: turns.map(({ inputTokens }) => inputTokens), zero: true },
  );
}

function TurnsPicture({
  turns,
  size,
  tokens,
}: {
  readonly turns: readonly SessionRequest[];
  readonly size: Size;
  readonly tokens: Tokens;
}) {
  const plot = turnsPlot(turns, size);
  const { x, y, area } = plot;
  const width = Math.max(0.5, (x(1) - x(0)) * 0.86);
  return (
    <g>
      <Axes plot={plot} x={{ label: 'requests of the lane' }} y={{ label: 'input tokens' }} tokens={tokens} />
      {turns.map(({ inputTokens, cachedTokens, idealShare, conversation, turn }, index) => {
        const left = x(index) + (x(1) - x(0)) * 0.07;
        const bar = (value: number, fill: string) => (
          <rect x={left} width={width} y={y(value)} height={Math.max(0, area.y[0] - y(value))} fill={fill} />
        );
        return (
          <g key={`${conversation} ${turn} ${index}`} data-cached={cachedTokens ?? ''}>
            {inputTokens !== null && bar(inputTokens, tokens.line)}
            {cachedTokens !== null && bar(cachedTokens, tokens.accent)}
            {inputTokens !== null && idealShare !== null && (
              <path
                d={`M${left.toFixed(1)},${y(idealShare * inputTokens).toFixed(1)}h${width.toFixed(1)}`}
                stroke={tokens.ink}
                stroke-width="1.5"
              />
            )}
          </g>
        );
      })}
    </g>
  );
}

function stepsOf(turns: readonly SessionRequest[], size: Size): Steps {
  const plot = turnsPlot(turns, size);
  const { x, y } = plot;
  const all = turns.map(({ inputTokens, cachedTokens, idealShare, kind, turn }, index) => ({
    from: x(index),
    to: x(index + 1),
    at: inputTokens === null ? null : { x: x(index + 0.5), y: y(inputTokens) },
    title: `${kindNames[kind]}, turn ${turn + 1}`,
    rows: [
      ['Input', withUnit(inputTokens, 'tokens')],
      ['From the cache', withUnit(cachedTokens, 'tokens')],
      ['Possible', idealShare === null ? 'not known' : percent(idealShare)],
    ] as const,
  }));
  return { plot, named: 'requests', all };
}
