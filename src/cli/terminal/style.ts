import { styleText } from 'node:util';

/** What a text means to a reader, whatever it looks like. */
export type Tone = 'good' | 'doubtful' | 'bad' | 'quiet' | 'strong';

type Environment = Readonly<Record<string, string | undefined>>;

/** How texts look on one output. */
export interface Style {
  /** The text in the colour of its meaning, where the output has colours. */
  readonly paint: (tone: Tone, text: string) => string;
  /** A sign and a space in front of a line, where the output has signs. */
  readonly sign: (tone: Tone) => string;
  /** A bar of so many cells, of which a share is full; empty where the output has no signs. */
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

/** As it is written: for files, and whoever reads lines by a program. */
export const plainStyle: Style = { paint: (_, text) => text, sign: () => '', bar: () => '' };

/**
 * The style of an output. Colours follow NO_COLOR, FORCE_COLOR, TERM and whether it is a terminal; signs are for
 * terminals whose locale has them.
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

/** Whether lines can be drawn over again: on a terminal that can move its cursor. */
export function isLive({ isTTY }: { readonly isTTY?: boolean }, { TERM }: Environment): boolean {
  return isTTY === true && TERM !== 'dumb';
}

function hasUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: Environment): boolean {
  return TERM !== 'linux' && /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
