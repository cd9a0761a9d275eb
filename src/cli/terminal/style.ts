import { styleText } from 'node:util';

/** The meaning of a text, independent of how it looks. */
export type Tone = 'good' | 'doubtful' | 'bad' | 'quiet' | 'strong';

type Environment = Readonly<Record<string, string | undefined>>;

/** How texts look on an output. */
export interface Style {
  /** Colours a text by its tone, if the output supports colours. */
  readonly paint: (tone: Tone, text: string) => string;
  /** A symbol and a space for the start of a line, if the output supports symbols; otherwise empty. */
  readonly sign: (tone: Tone) => string;
  /** A bar with this many cells, of which a share is filled; empty if the output does not support symbols. */
  readonly bar: (share: number, cells: number) => string;
}

const formats = { good: 'green', doubtful: 'yellow', bad: 'red', quiet: 'dim', strong: 'bold' } as const;
const signs: Readonly<Record<Tone, string>> = {
  good: '✓ ',
  doubtful: '! ',
  bad: '✗ ',
  quiet: '· ',
  strong: '',
};

/** Text without any styling: for files, and for programs that parse lines. */
export const plainStyle: Style = { paint: (_, text) => text, sign: () => '', bar: () => '' };

/**
 * The style of an output. Colours depend on NO_COLOR, FORCE_COLOR, TERM and on whether it is a terminal; symbols
 * require a terminal with a Unicode locale.
 */
export function styleOf(output: NodeJS.WriteStream, environment: Environment): Style {
  const hasSigns = isLive(output, environment) && hasUnicode(environment);
  return {
    paint: (tone, text) => styleText(formats[tone], text, { stream: output }),
    sign: (tone) => (hasSigns ? styleText(formats[tone], signs[tone], { stream: output }) : ''),
    bar: (share, cells) => {
      const full = Math.round(Math.min(1, Math.max(0, share)) * cells);
      return hasSigns ? `${'█'.repeat(full)}${'░'.repeat(cells - full)}` : '';
    },
  };
}

/** Whether lines can be redrawn: on a terminal that can move its cursor. */
export function isLive({ isTTY }: { readonly isTTY?: boolean }, { TERM }: Environment): boolean {
  return isTTY === true && TERM !== 'dumb';
}

function hasUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: Environment): boolean {
  return TERM !== 'linux' && /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
