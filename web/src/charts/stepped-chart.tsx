import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Tokens } from '../theme/tokens.ts';
import { placeOf, reachOf } from './place.ts';
import type { Plot } from './plot.ts';
import { type ChartStep, describeStep, type Steps, stepAtPlace, stepByKey } from './steps.ts';
import { Surface } from './surface.tsx';
import { Tooltip } from './tooltip.tsx';

interface SteppedChartProps {
  readonly steps: Steps;
  readonly tokens: Tokens;
  readonly label: string;
  /** The picture. */
  readonly children: ComponentChildren;
}

/** A picture that the pointer, a finger or the arrow keys read one bin or sample at a time. */
export function SteppedChart({ steps, tokens, label, children }: SteppedChartProps) {
  const { plot, named, all, open } = steps;
  const [current, setCurrent] = useState<number>();
  const step = current === undefined ? undefined : all[current];
  const { size, area } = plot;
  const point = (event: PointerEvent) => {
    if (event.currentTarget instanceof Element)
      setCurrent(stepAtPlace(all, placeOf(event, event.currentTarget)));
  };
  // Touch has no hover: the first tap shows a step, the second opens it.
  const tapped = useRef<number>(undefined);
  const openAt = (event: PointerEvent) => {
    if (open === undefined || event.button !== 0 || !(event.currentTarget instanceof Element)) return;
    const place = placeOf(event, event.currentTarget);
    const index = stepAtPlace(all, place);
    const at = all[index]?.at;
    if (!at || Math.hypot(at.x - place.x, at.y - place.y) > reachOf(event)) return;
    if (event.pointerType === 'mouse' || tapped.current === index) open(index);
    tapped.current = index;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      setCurrent(undefined);
      return;
    }
    if (event.key === 'Enter' && open !== undefined && current !== undefined) {
      open(current);
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
        {step && <StepMark step={step} plot={plot} tokens={tokens} />}
      </svg>
      <Surface
        label={`${label}. Left and right arrow keys go through the ${named}, Home and End to the first and the last${open === undefined ? '' : ', Enter opens one'}. The figures are also in this figure’s table.`}
        announced={step ? describeStep(step) : ''}
        onKeyDown={onKeyDown}
        onBlur={() => setCurrent(undefined)}
        onPointerDown={point}
        onPointerMove={point}
        onPointerUp={openAt}
        onPointerLeave={(event) => {
          if (event.pointerType === 'mouse') setCurrent(undefined);
        }}
      />
      {step && (
        <Tooltip
          at={step.at ?? { x: (step.from + step.to) / 2, y: area.y[1] }}
          size={size}
          tall={(open === undefined ? 60 : 82) + 22 * step.rows.length}
          title={step.title}
          rows={step.rows}
        >
          {open !== undefined && <div class="quiet">Click for everything about it</div>}
        </Tooltip>
      )}
    </div>
  );
}

/** Maximum width of a mark in pixels: with few steps, the area nearest to one would be half of the chart. */
const widestMark = 24;

function StepMark({
  step: { from, to, at },
  plot: { area },
  tokens,
}: {
  readonly step: ChartStep;
  readonly plot: Plot;
  readonly tokens: Tokens;
}) {
  const [bottom, top] = area.y;
  const middle = at?.x ?? (from + to) / 2;
  const left = Math.max(from, middle - widestMark / 2);
  const right = Math.min(to, middle + widestMark / 2);
  return (
    <g>
      <rect
        x={left}
        y={top}
        width={Math.max(1, right - left)}
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
