import { unknownImage } from '../../../../src/derived/candidate.ts';
import { rowFields } from '../../../../src/identity/spelling.ts';
import type { PointDocument } from '../../../../src/server/api.ts';
import type { Names } from '../../data/names-in.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { Facts } from '../../parts/facts.tsx';
import { shellLines } from '../../parts/shell.ts';

/** What was served and how: configuration, command, environment. */
export function Served({ point, names }: { readonly point: PointDocument; readonly names: Names }) {
  const { published, server, environment } = point;
  const variables = Object.entries(server?.env ?? {});
  // Values that the configuration shows are not repeated.
  const facts = Object.entries(environment).filter(
    ([, value]) => value !== published?.model && value !== published?.image && value !== point.origin.source,
  );
  return (
    <>
      <div class="grid">
        <section class="card">
          <h2>Configuration</h2>
          <Facts
            facts={[
              ['Model', published?.model],
              ['Hardware', published && titled(names.hardware, published.series.hw)],
              ['Engine', published && titled(names.engine, published.series.framework)],
              ['Precision', published?.series.precision.toUpperCase()],
              ['Speculative decoding', draftingOf(published?.series.specDecoding)],
              ['Acceptance length', forcedIn(point)],
              ['Layout', published?.layout],
              ...laterFacts(published),
              ['GPUs', gpusOf(published)],
              ['Input / output tokens', published && `${published.shape.isl} / ${published.shape.osl}`],
              ['Concurrency', published?.conc],
              ['Image', published && imageOf(published.image)],
              ['Runner', server?.runner],
              ['Point', <code key="id">{point.id}</code>],
            ]}
          />
        </section>
        {facts.length > 0 && (
          <section class="card">
            <h2>Environment</h2>
            <Facts facts={facts} />
          </section>
        )}
      </div>
      {server !== null && (
        <section class="card">
          <h2>The engine’s exact command</h2>
          <CodeBlock label="the engine’s command" text={shellLines(server.args)} />
          {variables.length > 0 && (
            <CodeBlock
              label="the engine’s environment variables"
              text={variables.map(([name, value]) => `${name}=${value}`).join('\n')}
            />
          )}
        </section>
      )}
    </>
  );
}

function imageOf(image: string) {
  return image === unknownImage ? 'not known' : <code>{image}</code>;
}

/** The acceptance of drafts that the engine was made to have. */
function forcedIn({ forcedAcceptance: forced }: PointDocument): string | null {
  if (forced === null) return null;
  const of = forced.draftTokens === null ? '' : ` of ${forced.draftTokens} speculative tokens`;
  return `forced to ${forced.length}${of}: speed is real, answers are not`;
}

/** As in the names of series. */
function draftingOf(kind: string | undefined): string | undefined {
  return kind === 'none' ? kind : kind?.toUpperCase();
}

/** A name, followed by its key in commands and files if that differs. */
function titled(title: (key: string) => string, key: string): string {
  const name = title(key);
  return name === key ? key : `${name} (${key})`;
}

/** The fields of a point that January's contract does not have. */
function laterFacts(published: PointDocument['published']): [string, string][] {
  const values: Readonly<Record<string, unknown>> = { ...published?.series, ...published?.fields };
  return rowFields.flatMap(({ line, api, label }): [string, string][] =>
    line.optional !== true || values[api] === undefined ? [] : [[label, String(values[api])]],
  );
}

function gpusOf(published: PointDocument['published']): string | null {
  if (published === null) return null;
  const { total, input, output } = published.gpus;
  return published.series.disagg ? `${total} (${input} prefill, ${output} decode)` : String(total);
}
