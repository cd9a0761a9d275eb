import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { dimmedOpacity } from './dots.ts';

/** The highlighted series, if any; the others fade. */
export const Highlighted = createContext<string | undefined>(undefined);

/**
 * What is drawn for one series. Highlighting another series changes one attribute and renders none of the contents again.
 */
export function OfSeries({ of, children }: { readonly of: string; readonly children: ComponentChildren }) {
  const highlighted = useContext(Highlighted);
  const isBack = highlighted !== undefined && highlighted !== of;
  return <g opacity={isBack ? dimmedOpacity : 1}>{children}</g>;
}
