import { CopyButton } from './copy-button.tsx';

/** A text to read or copy. */
export function CodeBlock({
  label,
  text,
  wrap = false,
}: {
  readonly label: string;
  readonly text: string;
  readonly wrap?: boolean;
}) {
  return (
    <div class="code-block">
      <CopyButton text={text} label={label} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <section class="scroll" tabIndex={0} aria-label={label}>
        <pre class={wrap ? 'wrap' : ''}>{text}</pre>
      </section>
    </div>
  );
}
