import { render } from 'preact';
import { App } from './app.tsx';
import { loadDataset } from './dataset.ts';
import './style.css';

const place = document.getElementById('app');
if (place !== null) {
  render(<p class="message">Loading the measurements…</p>, place);
  loadDataset().then(
    (dataset) => render(<App dataset={dataset} />, place),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      render(
        <main class="message">
          <h1>The measurements could not be loaded</h1>
          <p>{reason}. Is `inferencemax serve` still running? Load the page again when it is.</p>
        </main>,
        place,
      );
    },
  );
}
