import { useMemo } from 'preact/hooks';
import type { EvalsDocument, IndexDocument } from '../../../../src/server/api.ts';
import { useNames } from '../../data/names.ts';
import { shapeAddress, shapeName } from '../../data/points.ts';
import { loadPoints } from '../../data/shape-points.ts';
import { shownOf, useDocument, useLoaded } from '../../data/use-loaded.ts';
import { Choice } from '../../parts/choice.tsx';
import { plural } from '../../parts/format.ts';
import { Notice, Ready } from '../../parts/states.tsx';
import type { ParamValues } from '../../state/params.ts';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { findingOf } from './finding.ts';
import { Unscored } from './not-scored.tsx';
import { accuracyParams } from './params.ts';
import { latestScores } from './scores.ts';
import { ScoresFigure } from './scores-figure.tsx';
import { unscoredHardware, unscoredServers } from './unscored.ts';

type AccuracyValues = ParamValues<typeof accuracyParams>;

/** Whether fast servers still answer correctly. */
export function Accuracy({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, accuracyParams);
  const loaded = useDocument('evals');
  return (
    <Ready of={loaded} height={900}>
      {(document) =>
        document.evals.length === 0 ? (
          <Notice title="Nothing has been evaluated yet" isPage>
            <p>
              Every run checks its engines after their points are measured, unless <code>--no-evals</code> is
              given; <code>inferencemax eval</code> checks a running engine. Ingest the run and reload this
              page.
            </p>
          </Notice>
        ) : (
          <Page document={document} values={values} change={change} />
        )
      }
    </Ready>
  );
}

interface PageProps {
  readonly document: EvalsDocument;
  readonly values: AccuracyValues;
  readonly change: ChangeParams<AccuracyValues>;
}

function Page({ document, values, change }: PageProps) {
  const { evals } = document;
  const models = byCount(evals.map(({ model }) => model));
  const index = shownOf(useDocument('index'));
  const names = useNames();
  // The question has a model's prefix, an evaluation its full name.
  const prefix = values.model === '' ? byPoints(index) : values.model;
  const named = evals.find((one) => one.model === prefix || one.modelPrefix === prefix)?.model;
  const model = named ?? models[0] ?? '';
  const ofModel = evals.filter((one) => one.model === model);
  const tasks = byCount(ofModel.map(({ task }) => task));
  const task = tasks.includes(values.task) ? values.task : (tasks[0] ?? '');
  const chosen = useMemo(() => ofModel.filter((one) => one.task === task), [evals, model, task]);
  const shapes = (index?.shapes ?? []).filter(
    ({ models: names, modelPrefix }) => names.includes(model) || modelPrefix === chosen[0]?.modelPrefix,
  );
  const shape = shapes.find((one) => shapeAddress(one) === values.shape) ?? shapes[0];
  const points = useLoaded(shape?.key, () => loadPoints(shape?.key ?? '', { kind: 'latest' }));
  const known = shape === undefined ? undefined : shownOf(points);
  // The model name of an evaluation is often the checkpoint.
  const titleOf = (name: string) => names.model(evals.find((one) => one.model === name)?.modelPrefix ?? name);
  const scores = useMemo(() => latestScores(chosen, known ?? [], names), [chosen, known, names]);
  const finding = useMemo(() => findingOf(scores, titleOf(model)), [scores, names, model]);
  const measured = shownOf(useDocument('hardware'))?.measured;
  const unscored = useMemo(() => {
    const hardware = new Set(shapes.flatMap((one) => one.hardware));
    return unscoredHardware({
      measured: (measured ?? []).filter(({ hw }) => hardware.has(hw)),
      evals,
      model,
      task,
    });
  }, [measured, index, evals, model, task]);
  const servers = useMemo(
    () => known && shape && unscoredServers(known, ofModel, shape.modelPrefix, names),
    [known, shape, evals, model, names],
  );
  return (
    <>
      <div class="page-head">
        <h1>Are the answers still correct?</h1>
        {finding !== '' && <p class="answer">{finding}</p>}
        <p class="quiet">
          {plural(document.total, 'score')} of {plural(models.length, 'model')}. A lower precision or a faulty
          engine can cost accuracy, and a fast wrong answer is worth nothing.
        </p>
      </div>
      <form class="choices" aria-label="Which scores" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="Model"
          value={model}
          options={models.map((value) => ({ value, text: titleOf(value) }))}
          onChange={(asked) => change({ model: asked, task: '', shape: '' })}
        />
        <Choice
          label="Task"
          value={task}
          options={tasks.map((value) => ({ value, text: value }))}
          onChange={(asked) => change({ task: asked })}
        />
        {shapes.length > 0 && shape && (
          <Choice
            label="Speed at the workload"
            value={shapeAddress(shape)}
            options={shapes.map((one) => ({ value: shapeAddress(one), text: shapeName(one) }))}
            onChange={(asked) => change({ shape: asked })}
          />
        )}
      </form>
      <Unscored
        hardware={unscored}
        servers={servers}
        model={titleOf(model)}
        task={task}
        workload={shape && shapeName(shape)}
        isCopied={shapes.every(({ points: all, remarks }) => remarks.some(({ points }) => points === all))}
        newest={document.total > evals.length ? evals.length : null}
        names={names}
      />
      <ScoresFigure scores={scores} model={titleOf(model)} task={task} shape={shape} />
    </>
  );
}

/** The model with the most points, so that speeds can be shown next to the scores. */
function byPoints(index: IndexDocument | undefined): string {
  return index?.shapes.toSorted((a, b) => b.points - a.points)[0]?.modelPrefix ?? '';
}

/** Each once, the most frequent first. */
function byCount(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
}
