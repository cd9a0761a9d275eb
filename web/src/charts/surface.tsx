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
  /** What is current, in the words a screen reader says; empty where nothing is. */
  readonly announced: string;
}

/** What lies over a chart and takes its keys and its pointers, and tells a screen reader what they led to. */
export function Surface({ place, label, announced, ...handlers }: SurfaceProps) {
  return (
    <>
      <div
        class="surface"
        ref={place ?? null}
        // A chart is not a document: arrow keys belong to it while it has the focus.
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
