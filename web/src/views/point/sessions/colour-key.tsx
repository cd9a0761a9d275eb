import { useTheme } from '../../../theme/theme.ts';
import type { Tokens } from '../../../theme/tokens.ts';

interface ColourKeyProps {
  readonly entries: readonly { readonly name: string; colour(tokens: Tokens): string }[];
}

/** What the colours of a picture mean. */
export function ColourKey({ entries }: ColourKeyProps) {
  const { tokens } = useTheme();
  return (
    <ul class="colour-key">
      {entries.map(({ name, colour }) => (
        <li key={name}>
          <svg width="12" height="12" aria-hidden="true">
            <rect width="12" height="12" rx="2" fill={colour(tokens)} />
          </svg>{' '}
          {name}
        </li>
      ))}
    </ul>
  );
}
