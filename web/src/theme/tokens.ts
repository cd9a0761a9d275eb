/** The colours of one theme. Charts use them as values, because an exported picture has no style sheet. */
export interface Tokens {
  /** Behind everything. */
  readonly canvas: string;
  /** Cards, charts, tables. */
  readonly surface: string;
  /** Hovered rows, code, chips. */
  readonly sunken: string;
  readonly ink: string;
  /** Secondary text; at least 4.5:1 on every background above. */
  readonly muted: string;
  readonly line: string;
  /** Grid lines of charts. */
  readonly grid: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
}

export type Mode = 'light' | 'dark';

export const tokens: Readonly<Record<Mode, Tokens>> = {
  light: {
    canvas: '#f6f6f4',
    surface: '#ffffff',
    sunken: '#efefec',
    ink: '#1b1d22',
    muted: '#5b5f69',
    line: '#dcdcd7',
    grid: '#ebebe7',
    accent: '#1f5fbf',
    onAccent: '#ffffff',
    good: '#1c7043',
    warn: '#8a5300',
    bad: '#b3261e',
  },
  dark: {
    canvas: '#131417',
    surface: '#1b1d21',
    sunken: '#26282e',
    ink: '#ececea',
    muted: '#a3a6ae',
    line: '#34373e',
    grid: '#2a2c32',
    accent: '#8ab4ff',
    onAccent: '#10131a',
    good: '#6fcf97',
    warn: '#f0b45a',
    bad: '#ff8d84',
  },
};
