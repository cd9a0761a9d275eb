import type { HTMLAttributes, RefObject } from 'preact';

interface SurfaceProps
  extends Pick<
    HTMLAttributes<HTMLDivElement>,
    | 'onKeyDown'
    | 'onBlur'
    | 'onPointerDown'
    | 'onPointerMove'
    | 'onPointerUp'
    | 'onPointerCancel'
    | 'onPointerLeave'
    | 'onDblClick'
  > {
  readonly place?: RefObject<HTMLDivElement | null>;
  /** What the chart is, and which keys do what in it. */
  readonly label: string;
  /** The current element as a screen reader reads it; empty if there is no current element. */
  readonly announced: string;
}

/** An element over a chart that handles its keys and pointer and announces the result to screen readers. */
export function Surface({ place, label, announced, ...handlers }: SurfaceProps) {
  return (
    <>
      <div
        class="surface"
        ref={place ?? null}
        // Arrow keys belong to the chart while it has the focus, as in an application.
        role="application"
        aria-roledescription="chart"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is interactive, by the keys named in its label.
        tabIndex={0}
        {...handlers}
      />
      <div class="visually-hidden" aria-live="polite" data-testid="announced">
        {announced === '' ? null : announced}
      </div>
    </>
  );
}
