import { useEffect, useState } from 'preact/hooks';
import { type Mode, type Tokens, tokens } from './tokens.ts';

/** The reader's choice: a theme, or that of the system. */
export type ThemeChoice = Mode | 'system';

const storageKey = 'inferencemax-theme';
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const isPrinted = matchMedia('print');
const watchers = new Set<() => void>();
let choice = readChoice();
let theme = current();

export interface Theme {
  readonly mode: Mode;
  readonly choice: ThemeChoice;
  readonly tokens: Tokens;
}

/** The theme in use; the component renders again when it changes. */
export function useTheme(): Theme {
  const [shown, show] = useState(theme);
  useEffect(() => {
    const follow = () => show(theme);
    watchers.add(follow);
    follow();
    return () => {
      watchers.delete(follow);
    };
  }, []);
  return shown;
}

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  try {
    if (next === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, next);
  } catch {
    // Without storage (a page from the disk, or refused) the choice lasts until the page is closed.
  }
  apply();
}

/**
 * Sets the theme's colours for the style sheet, and updates them when the system's theme changes.
 * Print is always light: browsers print no backgrounds.
 */
export function startTheme(): void {
  systemIsDark.addEventListener('change', apply);
  isPrinted.addEventListener('change', apply);
  apply();
}

function apply(): void {
  theme = current();
  const { mode, tokens: colours } = theme;
  const root = document.documentElement;
  root.dataset.theme = mode;
  root.style.colorScheme = mode;
  for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--${name}`, colour);
  for (const watcher of watchers) watcher();
}

function current(): Theme {
  const onScreen = choice === 'system' ? (systemIsDark.matches ? 'dark' : 'light') : choice;
  const mode = isPrinted.matches ? 'light' : onScreen;
  return { mode, choice, tokens: tokens[mode] };
}

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}
