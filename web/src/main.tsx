import { render } from 'preact';
import { App } from './app.tsx';
import { loadDocument } from './data/source.ts';
import { startTheme } from './theme/theme.ts';
import './styles.ts';

startTheme();
// What every view reads first is asked for before any code of it is there; who reads it handles its failure.
loadDocument('index').catch(() => {});
const place = document.getElementById('app');
if (place !== null) render(<App />, place);
