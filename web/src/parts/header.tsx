import { isReport } from '../data/source.ts';
import { questionIn } from '../state/question.ts';
import type { Route } from '../state/route.ts';
import { hashOf, viewNames } from '../state/route.ts';
import { titles } from '../views/titles.ts';
import { ThemeToggle } from './theme-toggle.tsx';

/** A point page has no entry: it belongs to the view that links to it. */
const entries = viewNames.filter((name) => name !== 'point');

/** Links keep the question. */
export function Header({ route: { view, query } }: { readonly route: Route }) {
  const question = questionIn(query);
  return (
    <header>
      <div class="bar">
        <a class="brand" href={hashOf('overview', { query: question })}>
          Inference<b>MAX</b>
        </a>
        <nav aria-label="Views">
          <ul>
            {entries.map((name) => (
              <li key={name}>
                <a href={hashOf(name, { query: question })} aria-current={name === view ? 'page' : undefined}>
                  {titles[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        {!isReport && (
          <a class="docs" href="docs/">
            Docs
          </a>
        )}
        <ThemeToggle />
      </div>
    </header>
  );
}
