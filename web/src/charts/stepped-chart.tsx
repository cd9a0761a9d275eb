import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Tokens } from '../theme/tokens.ts';
import { placeOf } from './place.ts';
import type { Plot } from './plot.ts';
import { describeStep, type Step, type Steps, stepAtPlace, stepByKey } from './steps.ts';
import { Surface } from './surface.tsx';
import { Tooltip } from './tooltip.tsx';

interface SteppedChartProps {
  readonly steps: Steps;
  readonly tokens: Tokens;
  readonly label: string;
  /** The picture. */
  readonly children: ComponentChildren;
}

/** A picture that is read one bin or sample at a time, by the pointer, a finger or the arrow keys. */
export function SteppedChart({ steps: { plot, named, all }, tokens, label, children }: SteppedChartProps) {
  const [current, setCurrent] = useState<number>();
  const step = current === undefined ? undefined : all[current];
  const { size, area } = plot;
  const point = (event: PointerEvent) => {
    if (event.currentTarget instanceof Element)
      setCurrent(stepAtPlace(all, placeOf(event, event.currentTarget)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      setCurrent(undefined);
      return;
    }
    const next = stepByKey(event.key, current, all.length);
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
  };
  return (
    <div class="chart" style={{ height: `${size.height}px` }}>
      <svg width={size.width} height={size.height} aria-hidden="true">
        {children}
      </svg>
      <svg width={size.width} height={size.height} aria-hidden="true">
        {step && <StepMark {...{ step, plot, tokens }} />}
      </svg>
      <Surface
        label={`${label}. Left and right arrow keys go through the ${named}, Home and End to the first and the last. The figures are also in this figure’s table.`}
        announced={step ? describeStep(step) : ''}
        onKeyDown={onKeyDown}
        onBlur={() => setCurrent(undefined)}
        onPointerDown={point}
        onPointerMove={point}
        onPointerLeave={(event) => {
          if (event.pointerType === 'mouse') setCurrent(undefined);
        }}
      />
      {step && (
        <Tooltip
          at={step.at ?? { x: (step.from + step.to) / 2, y: area.y[1] }}
          size={size}
          tall={60 + 22 * step.rows.length}
          title={step.title}
          rows={step.rows}
        />
      )}
    </div>
  );
}

function StepMark({
  step: { from, to, at },
  plot: { area },
  tokens,
}: {
  readonly step: Step;
  readonly plot: Plot;
  readonly tokens: Tokens;
}) {
  const [bottom, top] = area.y;
  return (
    <g data-step={`${from.toFixed(1)} ${to.toFixed(1)}`}>
      <rect
        x={from}
        y={top}
        width={Math.max(1, to - from)}
        height={bottom - top}
        fill={tokens.ink}
        fill-opacity="0.14"
      />
      {at && (
        <circle cx={at.x} cy={at.y} r="4.5" fill={tokens.ink} stroke={tokens.surface} stroke-width="1.5" />
      )}
    </g>
  );
}
