import { isReport } from '../data/source.ts';
import { type Topic, topics } from './topics.ts';

/** Links to an explanation in the documentation; reports have no documentation. */
export function About({ topic, of }: { readonly topic: Topic; readonly of: string }) {
  if (isReport) return null;
  return (
    <a
      class="about"
      href={`docs/${topics[topic]}`}
      aria-label={`What this means: ${of}`}
      title="What this means"
    >
      ?
    </a>
  );
}
