import { render } from 'preact';
import { App } from './app.tsx';
import { startTheme } from './theme/theme.ts';
import './styles.ts';

startTheme();
const place = document.getElementById('app');
if (place !== null) render(<App />, place);
