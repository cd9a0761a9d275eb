import { namesOf, type PublishedName } from './metric-names.ts';

/** One value of a metric. */
export interface MetricSample {
  /**
   * The labels as written, `{…}` or empty, with the number of the text, so that a series has the same key in every
   * reading.
   */
  readonly series: string;
  readonly labels: string;
  readonly value: number;
}

/**
 * The values of a metric in Prometheus texts, by label set. Only the lines of that metric are parsed: a server with
 * many histograms returns megabytes, and parsing all of them would disturb the measurement.
 */
export function samplesOf(texts: readonly string[], name: string): MetricSample[] {
  return texts.flatMap((text, number) => {
    const samples: MetricSample[] = [];
    for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
      if (at > 0 && text[at - 1] !== '\n') continue;
      const end = text.indexOf('\n', at);
      const rest = text.slice(at + name.length, end === -1 ? undefined : end);
      // `{labels} value timestamp?`; a label's value may contain any character except an unescaped quote.
      const parts = /^(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?\s+(\S+)/.exec(rest);
      const value = Number(parts?.[2] ?? Number.NaN);
      const labels = parts?.[1] ?? '';
      if (Number.isFinite(value)) samples.push({ series: `${number}${labels}`, labels, value });
    }
    return samples;
  });
}

/** The first of a metric's names that has values; `suffix` selects a part of a histogram. */
export function presentName(texts: readonly string[], name: PublishedName, suffix = ''): string | undefined {
  return namesOf(name).find((one) => samplesOf(texts, `${one}${suffix}`).length > 0);
}

/** Whether the texts contain a metric, under any of its names, with or without values. */
export function isPublished(texts: readonly string[], name: PublishedName): boolean {
  return namesOf(name).some((one) => isDeclared(texts, one) || samplesOf(texts, one).length > 0);
}

/** Whether a text declares the metric, even if it has no value yet. */
export function isDeclared(texts: readonly string[], name: string): boolean {
  return texts.some((text) => text.includes(`# TYPE ${name} `));
}
