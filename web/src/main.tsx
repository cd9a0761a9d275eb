import { render } from 'preact';
import { App } from './app.tsx';
import { loadDocument } from './data/source.ts';
import { parseHash } from './state/route.ts';
import { startTheme } from './theme/theme.ts';
import './styles.ts';

startTheme();
// What the first view will read is asked for before its code is there; who reads it handles its failure.
if (parseHash(location.hash).view === 'overview') loadDocument('overview').catch(() => {});
const place = document.getElementById('app');
if (place !== null) render(<App />, place);
