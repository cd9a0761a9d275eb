import { chooseTheme, useTheme } from '../theme/theme.ts';

/** Switches between light and dark; until it is used, the system decides. */
export function ThemeToggle() {
  const { mode } = useTheme();
  const other = mode === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="theme-toggle"
      aria-label={`Use the ${other} theme`}
      title={`Use the ${other} theme`}
      onClick={() => chooseTheme(other)}
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="7.2" fill="none" stroke="currentColor" stroke-width="1.6" />
        <path d="M10,2.8a7.2,7.2,0,0,1,0,14.4z" fill="currentColor" />
      </svg>
    </button>
  );
}
