import type { PointDocument } from '../../../../src/server/api.ts';
import { type Fact, Facts } from '../../parts/facts.tsx';
import { percent, shortNumber, withUnit } from '../../parts/format.ts';
import { Verdict } from '../../parts/verdict.tsx';

/** The measurement error of the times, as the load generator measured it. */
export function Fidelity({ point }: { readonly point: PointDocument }) {
  const { completed, inputTokens, outputTokens, durationS } = point.requests;
  // A client that counts replies was asked to count tokens.
  const tokens = (of: number | null) => count(of) ?? (completed === null ? undefined : 'not known');
  const facts = [
    ['Requests', requestsOf(point.requests)] as const,
    ['Input tokens', tokens(inputTokens)] as const,
    ['Input tokens from the prefix cache', cachedWords(point.requests)] as const,
    ['Output tokens', tokens(outputTokens)] as const,
    ['Duration', durationS === null ? null : withUnit(durationS, 's')] as const,
    ...fidelityFacts(point.fidelity),
  ];
  // A row without a raw result has only a verdict and reasons, which are shown at the top of the page.
  if (point.fidelity === null && !facts.some(([, value]) => value != null)) return null;
  return (
    <section class="card">
      <h2>Can it be trusted?</h2>
      <p>
        <Verdict verdict={point.verdict} />{' '}
        {point.verdict === 'checked'
          ? 'The load generator found nothing wrong with its own timing.'
          : point.reasons.join('; ')}
      </p>
      <Facts facts={facts} />
      {point.fidelity === null && (
        <p class="quiet">The client that measured this recorded nothing about its own state.</p>
      )}
    </section>
  );
}

function requestsOf({ asked, completed, failed }: PointDocument['requests']): string | null {
  if (completed === null) return null;
  return [
    `${count(completed)}${asked === null ? '' : ` of ${count(asked)}`} completed`,
    ...(failed === null ? [] : [`${count(failed)} failed`]),
  ].join(', ');
}

/** The share that the server reported, and the largest possible one if some prompts repeat others. */
function cachedWords({ cachedInputShare: share, idealCachedInputShare: ideal }: PointDocument['requests']) {
  const possible = ideal === null || ideal === 0 ? [] : [`${percent(ideal)} possible`];
  const words = share === null ? possible : [percent(share), ...possible];
  return words.length === 0 ? null : words.join(', ');
}

function count(value: number | null): string | undefined {
  return value?.toLocaleString('en');
}

function fidelityFacts(fidelity: PointDocument['fidelity']): Fact[] {
  return Object.entries(fidelity ?? {})
    .filter(([name]) => name !== 'verdict' && name !== 'reasons')
    .flatMap(([name, value]): Fact[] => {
      const text = textOf(value);
      return text === null
        ? []
        : [[name.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase()), text]];
    });
}

/** A figure, or several of one thing such as percentiles. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return shortNumber(value);
  if (typeof value !== 'object') return String(value);
  const parts = Object.entries(value).map(([name, part]) => `${name} ${textOf(part) ?? '–'}`);
  return parts.length === 0 ? null : parts.join(', ');
}
