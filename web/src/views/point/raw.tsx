import { useState } from 'preact/hooks';
import type { PointDocument } from '../../../../src/server/api.ts';
import { download } from '../../charts/export.tsx';
import { CodeBlock } from '../../parts/code-block.tsx';

/** The measurement as it is in the store. It is rendered only when it is opened, because it can be long. */
export function Raw({ point }: { readonly point: PointDocument }) {
  const [isOpen, setOpen] = useState(false);
  // A public point has only its row.
  const hasRaw = Object.keys(point.raw).length > 0;
  const short = point.id.slice(0, 12);
  return (
    <section class="card">
      <h2>Raw data</h2>
      <p class="row">
        {hasRaw && (
          <button
            type="button"
            onClick={() => download(`${short}.json`, JSON.stringify(point.raw, null, 2), 'application/json')}
          >
            Raw result, JSON
          </button>
        )}
        {point.row !== null && (
          <button
            type="button"
            onClick={() =>
              download(`agg_${short}.json`, JSON.stringify(point.row, null, 2), 'application/json')
            }
          >
            Aggregate row, JSON
          </button>
        )}
      </p>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Look at it here</summary>
        {isOpen && (
          <CodeBlock
            label="the data of this point"
            text={JSON.stringify(hasRaw ? { row: point.row, raw: point.raw } : point.row, shortArrays, 2)}
          />
        )}
      </details>
    </section>
  );
}

/** Long lists of samples are for the file, not for reading. */
function shortArrays(_key: string, value: unknown): unknown {
  return Array.isArray(value) && value.length > 20
    ? [...value.slice(0, 5), `… ${value.length - 5} more in the file`]
    : value;
}
