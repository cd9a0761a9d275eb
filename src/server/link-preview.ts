import { areProvenDifferent } from '../derived/decision.ts';
import { deviceOf } from '../derived/device.ts';
import { answerKind } from './documents/answer.ts';
import { indexKind } from './documents/index-document.ts';
import { escaped } from './html-text.ts';
import type { Knowledge } from './knowledge.ts';

/** A picture of the dashboard from the build, in the size that messengers and social networks show. */
const picture = { file: 'og.png', width: 1200, height: 630, alt: 'InferenceMAX: LLM inference, measured' };

/**
 * Adds a link preview to the front page: its headline finding and, if the site's address is known, its
 * picture.
 */
export async function withLinkPreview(
  page: string,
  knowledge: Knowledge,
  siteUrl: URL | undefined,
): Promise<string> {
  const found = await findingOf(knowledge);
  const described =
    found === undefined
      ? page
      : page.replace(
          /(<meta\s+property="og:description"\s+content=")[^"]*(")/,
          (_, before: string, after: string) => `${before}${escaped(found)}${after}`,
        );
  if (siteUrl === undefined) return described;
  return described.replace('</head>', (end) => `${elementsOf(siteUrl)}${end}`);
}

/** Link previews need absolute URLs. */
function elementsOf(siteUrl: URL): string {
  const og = {
    url: siteUrl.href,
    image: new URL(picture.file, siteUrl).href,
    'image:width': String(picture.width),
    'image:height': String(picture.height),
    'image:alt': picture.alt,
  };
  const elements = Object.entries(og).map(
    ([name, content]) => `<meta property="og:${name}" content="${escaped(content)}" />`,
  );
  return [...elements, '<meta name="twitter:card" content="summary_large_image" />', ''].join('\n    ');
}

/** The headline of the front page in one sentence; undefined without measurements. */
async function findingOf(knowledge: Knowledge): Promise<string | undefined> {
  const index = await indexKind.build(knowledge, {});
  const shape = index?.shapes.toSorted((a, b) => b.points - a.points)[0];
  if (index === undefined || shape === undefined) return undefined;
  const answer = await answerKind.build(knowledge, { shape: shape.key });
  const [first, second] = answer?.decision.rows ?? [];
  if (answer === undefined || first === undefined) return undefined;
  const { models, hardware } = index.names;
  const model = models.find(({ prefix }) => prefix === shape.modelPrefix)?.title ?? shape.modelPrefix;
  const nameOf = (hw: string) => hardware.find((one) => one.hw === hw)?.title ?? hw;
  const { hw, tputPerGpu, at } = first.answer;
  const rate = `${at.kind === 'between' ? 'about ' : ''}${Number(tputPerGpu.toPrecision(3)).toLocaleString('en')} tok/s per ${deviceOf([hw])}`;
  const beside =
    second !== undefined && !areProvenDifferent(first.answer, second.answer)
      ? `, not proven different from ${nameOf(second.answer.hw)}`
      : '';
  const { speed, ttftMs } = answer.need;
  const asked = [
    `at least ${Number(speed.toPrecision(3)).toLocaleString('en')} tok/s per user`,
    ...(ttftMs === null ? [] : [`the first token within ${ttftMs / 1000} s`]),
  ].join(' and ');
  return `${model}, ${shape.isl} tokens in and ${shape.osl} out, ${asked}: ${nameOf(hw)} serves ${second === undefined ? '' : 'the most, '}${rate}${beside}.`;
}
