import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { dimmedOpacity } from './dots.ts';

/** The series to look at, if any; the others step back. */
export const Highlighted = createContext<string | undefined>(undefined);

/**
 * What is drawn of one series. Looking at another one changes an attribute of it and draws nothing in it again, however
 * much that is.
 */
export function OfSeries({ of, children }: { readonly of: string; readonly children: ComponentChildren }) {
  const highlighted = useContext(Highlighted);
  const isBack = highlighted !== undefined && highlighted !== of;
  return <g opacity={isBack ? dimmedOpacity : 1}>{children}</g>;
}
