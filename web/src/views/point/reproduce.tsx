import type { PointDocument } from '../../../../src/server/api.ts';
import { CodeBlock } from '../../parts/code-block.tsx';
import { shellLine } from '../../parts/shell.ts';

/** The command that measures the point again, with its standard input. */
export function Reproduce({ point }: { readonly point: PointDocument }) {
  const { reproduce } = point;
  if (reproduce === null) return null;
  const command = shellLine(reproduce.args);
  const text = reproduce.stdin === '' ? command : `${command} <<'END'\n${reproduce.stdin}\nEND`;
  return (
    <section class="card">
      <h2>Measure it again</h2>
      {reproduce.assumes !== null && <p class="quiet">Unknown for this point: {reproduce.assumes}.</p>}
      <CodeBlock label="the command that measures it again" text={text} wrap />
    </section>
  );
}
