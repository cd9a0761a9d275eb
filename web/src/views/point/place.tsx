import type { ComponentChildren } from 'preact';
import { decide } from '../../../../src/derived/decision.ts';
import { placeOf } from '../../../../src/derived/point-place.ts';
import type { PointDocument } from '../../../../src/server/api.ts';
import type { PointCandidate } from '../../data/candidates.ts';
import { modelled, needWords } from '../../data/decision-words.ts';
import { type Device, deviceOf } from '../../data/device.ts';
import type { Names } from '../../data/names-in.ts';
import { seriesTitle, serverWords } from '../../data/server-words.ts';
import { type DecisionBasis, useBasis, useDecided } from '../../data/use-decision.ts';
import { shownOf, useDocument } from '../../data/use-loaded.ts';
import { About } from '../../parts/about.tsx';
import { plural, quantity, seconds, shortNumber } from '../../parts/format.ts';
import { needOf, type QuestionValues, questionParams } from '../../state/question.ts';
import { hashOf, type Route } from '../../state/route.ts';
import { useParams } from '../../state/use-route.ts';
import { candidateOfDocument, neighboursOf } from './neighbours.ts';

type Published = NonNullable<PointDocument['published']>;

interface PlaceProps {
  readonly point: PointDocument;
  readonly published: Published;
  readonly names: Names;
  readonly route: Route;
}

/** The point's place among those of its hardware, and the points to compare it with. */
export function Place({ point, published, names, route }: PlaceProps) {
  const [values] = useParams(route, questionParams);
  const index = shownOf(useDocument('index'));
  const shape = index?.shapes.find(({ key }) => key === published.shape.key);
  const basis = shownOf(useBasis(shape));
  if (basis === undefined || basis.shape.key !== published.shape.key) return null;
  return <Placed basis={basis} values={values} point={point} published={published} names={names} />;
}

interface PlacedProps extends Omit<PlaceProps, 'route'> {
  readonly basis: DecisionBasis;
  readonly values: QuestionValues;
}

function Placed({ basis, values, point, published, names }: PlacedProps) {
  const { candidates, allowed, question } = useDecided(basis, values);
  const own = candidateOfDocument(point, published);
  // A newer measurement of the same configuration is not another server.
  const others = allowed.filter(({ id }) => id !== published.supersededBy);
  const place = placeOf(own, others, question.need);
  const { below, above } = neighboursOf(
    { id: point.id, conc: published.conc, supersededBy: published.supersededBy },
    candidates,
  );
  if (place === null && below === undefined && above === undefined) return null;
  const device = deviceOf([own.hw]);
  const hardware = names.hardware(own.hw);
  // A rounded speed must not exclude the point itself.
  const need = place === null ? null : needOf(values, place.speed * (1 - 1e-6));
  const rows = need === null ? [] : decide(others, { ...question, need }).rows;
  const bestHere = rows.find(({ answer }) => answer.hw === own.hw);
  const elsewhere = rows.find(({ answer }) => answer.hw !== own.hw);
  const [ahead] = place?.ahead ?? [];
  const labels = labelsOf(device);
  return (
    <section class="card" aria-label="Place on the frontier">
      <h2>
        Place on the frontier <About topic="frontier" of="the place on the frontier" />
      </h2>
      {place !== null && (
        <p data-ahead={place.ahead.length}>
          {ahead === undefined ? (
            <>
              <b>On the frontier of {hardware}</b>:{' '}
              {place.of <= 1
                ? 'it has no other point within the limits of the question.'
                : `none of its ${plural(place.of, 'point')} within the limits of the question is at least as fast per user and serves more per ${device}.`}
            </>
          ) : (
            <>
              <b>Behind the frontier of {hardware}</b>: {place.ahead.length} of its{' '}
              {plural(place.of, 'point')} within the limits of the question{' '}
              {place.ahead.length === 1 ? 'is' : 'are'} at least as fast per user and{' '}
              {place.ahead.length === 1 ? 'serves' : 'serve'} at least as much per {device}. The best of these
              is{' '}
              <PointLink point={ahead}>
                {serverWords(ahead.point.series, names)}, concurrency {ahead.conc}
              </PointLink>
              .
            </>
          )}
          {!place.isSoonEnough && values.ttft !== 'none' && (
            <>
              {' '}
              Its first token takes {place.ttftMs === null ? 'an unknown time' : seconds(place.ttftMs)}, which
              exceeds the {quantity(values.ttft, 's')} of the question above.
            </>
          )}
        </p>
      )}
      <div class="scroll">
        <table class="place cards">
          <caption class="visually-hidden">This point and those to compare it with</caption>
          <thead>
            <tr>
              <th scope="col">Compare with</th>
              <th scope="col">{labels.server}</th>
              {[labels.conc, labels.tput, labels.speed, labels.ttft].map((label) => (
                <th key={label} scope="col" class="numeric">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">This point</th>
              <td class="wrap" data-label={labels.server}>
                {serverWords(published.series, names)}
              </td>
              <td class="numeric" data-label={labels.conc}>
                {published.conc}
              </td>
              <td class="numeric" data-label={labels.tput}>
                {shortNumber(place?.tputPerGpu)}
              </td>
              <td class="numeric" data-label={labels.speed}>
                {shortNumber(place?.speed)}
              </td>
              <td class="numeric" data-label={labels.ttft}>
                {place?.ttftMs == null ? '–' : seconds(place.ttftMs)}
              </td>
            </tr>
            {below && (
              <Neighbour
                title="Next lower concurrency"
                point={below}
                need={question.need}
                names={names}
                labels={labels}
              />
            )}
            {above && (
              <Neighbour
                title="Next higher concurrency"
                point={above}
                need={question.need}
                names={names}
                labels={labels}
              />
            )}
            {below === undefined && above === undefined && (
              <tr>
                <th scope="row">Other concurrencies</th>
                <td colSpan={5}>none of this configuration is in the store</td>
              </tr>
            )}
            {[
              [`Best of ${hardware} at this speed`, bestHere] as const,
              [`Best of other hardware at this speed`, elsewhere] as const,
            ].map(([title, row]) => {
              const [first] = row?.points ?? [];
              if (row === undefined || first === undefined) return null;
              if (first.id === point.id && row.points.length === 1)
                return (
                  <tr key={title} data-next="best">
                    <th scope="row">{title}</th>
                    <td colSpan={5}>this point</td>
                  </tr>
                );
              return (
                <tr key={title} data-next="best">
                  <th scope="row">{title}</th>
                  <td class="wrap" data-label={labels.server}>
                    <PointLink point={first}>
                      {row.answer.hw === own.hw
                        ? serverWords(first.point.series, names)
                        : seriesTitle(first.point.series, names)}
                    </PointLink>
                  </td>
                  <td class="numeric" data-label={labels.conc}>
                    {row.points.map(({ conc }) => conc).join(' to ')}
                  </td>
                  <td class="numeric" data-label={labels.tput}>
                    {modelled(row.answer, row.answer.tputPerGpu)}
                  </td>
                  <td class="numeric" data-label={labels.speed}>
                    {modelled(row.answer, row.answer.speed)}
                  </td>
                  <td class="numeric" data-label={labels.ttft}>
                    {row.answer.ttftMs === null ? '–' : modelled(row.answer, row.answer.ttftMs, seconds)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {need !== null && (
        <p class="quiet hint">
          “At this speed” means {needWords(need)}, with the limits of the question above.
        </p>
      )}
    </section>
  );
}

/** The headers of the columns; on a narrow screen each figure has its own. */
function labelsOf(device: Device) {
  return {
    server: 'Server',
    conc: 'Concurrency',
    tput: `tok/s per ${device}`,
    speed: 'tok/s per user',
    ttft: 'First token',
  };
}

function Neighbour({
  title,
  point,
  need,
  names,
  labels,
}: {
  readonly title: string;
  readonly point: PointCandidate;
  readonly need: Parameters<typeof placeOf>[2];
  readonly names: Names;
  readonly labels: ReturnType<typeof labelsOf>;
}) {
  const figures = placeOf(point, [], need);
  return (
    <tr data-next={point.id}>
      <th scope="row">{title}</th>
      <td class="wrap" data-label={labels.server}>
        <PointLink point={point}>{serverWords(point.point.series, names)}</PointLink>
      </td>
      <td class="numeric" data-label={labels.conc}>
        {point.conc}
      </td>
      <td class="numeric" data-label={labels.tput}>
        {shortNumber(figures?.tputPerGpu)}
      </td>
      <td class="numeric" data-label={labels.speed}>
        {shortNumber(figures?.speed)}
      </td>
      <td class="numeric" data-label={labels.ttft}>
        {figures?.ttftMs == null ? '–' : seconds(figures.ttftMs)}
      </td>
    </tr>
  );
}

function PointLink({
  point,
  children,
}: {
  readonly point: PointCandidate;
  readonly children: ComponentChildren;
}) {
  return <a href={hashOf('point', { id: point.id })}>{children}</a>;
}
