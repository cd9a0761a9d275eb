import { type Look, markerPath } from './marks.ts';

export interface LegendItem {
  readonly key: string;
  readonly name: string;
  readonly look: Look;
  /** The value of its line at the chart's level. */
  readonly value?: string | undefined;
}

interface LegendProps {
  readonly items: readonly LegendItem[];
  readonly hidden: readonly string[];
  onToggle(key: string): void;
  onHighlight(key: string | undefined): void;
}

/** Names every series of a chart; a click hides or shows one, hovering over one fades the others. */
export function Legend({ items, hidden, onToggle, onHighlight }: LegendProps) {
  return (
    <ul class="legend" aria-label="Series; press one to hide or show it">
      {items.map(({ key, name, look, value }) => (
        <li key={key}>
          <button
            type="button"
            aria-pressed={!hidden.includes(key)}
            onClick={() => onToggle(key)}
            onPointerEnter={() => onHighlight(key)}
            onPointerLeave={() => onHighlight(undefined)}
            onFocus={() => onHighlight(key)}
            onBlur={() => onHighlight(undefined)}
          >
            <Swatch look={look} />
            {name}
            {value !== undefined && <strong data-value={key}>{value}</strong>}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A piece of a series' line with its marker. */
export function Swatch({ look }: { readonly look: Look }) {
  return (
    <svg class="swatch" width="28" height="12" aria-hidden="true">
      <SwatchMark look={look} />
    </svg>
  );
}

export function SwatchMark({ look }: { readonly look: Look }) {
  return (
    <>
      <path d="M1,6H27" stroke={look.colour} stroke-width="2" stroke-dasharray={look.dash} />
      <path
        d={markerPath(look.marker, 44)}
        transform="translate(14,6)"
        fill={look.hollow ? 'none' : look.colour}
        stroke={look.hollow ? look.colour : 'none'}
        stroke-width="1.5"
      />
      {look.drafts && <circle cx="14" cy="6" r="1.6" fill="#fff" />}
      {look.disagg && <circle cx="14" cy="6" r="5.6" fill="none" stroke={look.colour} />}
    </>
  );
}
