import type { Tokens } from '../theme/tokens.ts';
import type { PlacedRead } from './level-reads.ts';
import { halo, linePath } from './marks.ts';

interface ReadTextProps {
  /** The key of its line. */
  readonly of: string;
  readonly read: PlacedRead;
  readonly colour: string;
  readonly tokens: Tokens;
}

/** The value of a line at a level, with the thin line that leads to it if it stands apart. */
export function ReadText({ of, read, colour, tokens }: ReadTextProps) {
  return (
    <g>
      {read.leader !== null && (
        <path d={linePath(read.leader)} stroke={colour} stroke-opacity="0.7" data-read-leader={of} />
      )}
      <text
        x={read.x.toFixed(1)}
        y={read.y.toFixed(1)}
        dy="0.34em"
        fill={colour}
        font-weight="600"
        {...halo(tokens)}
        data-read={of}
      >
        {read.text}
      </text>
    </g>
  );
}

/** What a chart says about values that have no place in it. */
export function leftWords(count: number, where: 'table' | 'legend'): string {
  return count === 0 ? '' : ` (${count} more ${count === 1 ? 'value' : 'values'}: see the ${where})`;
}
