import { render } from 'preact';
import { App } from './app.tsx';
import { loadDocument } from './data/source.ts';
import { startTheme } from './theme/theme.ts';
import './styles.ts';

startTheme();
// What the first view will read is asked for before its code is there; who reads it handles its failure.
for (const path of ['index', 'hardware', 'evals'] as const) loadDocument(path).catch(() => {});
const place = document.getElementById('app');
if (place !== null) render(<App />, place);
