import { useState } from 'preact/hooks';

/** Copies a text and confirms it; selects the text if the browser forbids copying. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      setState('refused');
    }
  };
  return (
    <button
      type="button"
      onClick={() => void copy()}
      onBlur={() => setState('idle')}
      aria-label={`Copy ${label}`}
    >
      <span aria-live="polite">
        {{ idle: 'Copy', copied: 'Copied', refused: 'Select it and copy by hand' }[state]}
      </span>
    </button>
  );
}
