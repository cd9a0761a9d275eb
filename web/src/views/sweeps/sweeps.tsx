import type { SweepsDocument } from '../../../../src/server/api.ts';
import { useDocument } from '../../data/use-loaded.ts';
import { NoMeasurements, Ready } from '../../parts/states.tsx';
import type { Route } from '../../state/route.ts';
import { SweepPage } from './sweep.tsx';
import { SweepList } from './sweep-list.tsx';

/** Every run, or one of them. */
export function Sweeps({ route }: { readonly route: Route }) {
  return route.id === '' ? <EveryRun route={route} /> : <SweepPage id={route.id} />;
}

function EveryRun({ route }: { readonly route: Route }) {
  const loaded = useDocument('runs');
  return (
    <Ready of={loaded} height={700}>
      {(document: SweepsDocument) =>
        document.runs.length === 0 ? <NoMeasurements /> : <SweepList document={document} route={route} />
      }
    </Ready>
  );
}
