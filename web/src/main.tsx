import { render } from 'preact';
import { App } from './app.tsx';
import { loadDocument } from './data/source.ts';
import { startTheme } from './theme/theme.ts';
import './styles.ts';

startTheme();
// Fetches what every view needs while the views' code is loading; errors are handled where it is read.
loadDocument('index').catch(() => {});
const place = document.getElementById('app');
if (place !== null) render(<App />, place);
