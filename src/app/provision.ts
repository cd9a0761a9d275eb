import { defined } from '../defined/defined.ts';
import { engineFor } from '../engines/index.ts';
import type { EngineSession } from '../plan/index.ts';
import { floatWeights, type ProvisionContext, provisionEngine, provisionModel } from '../provision/index.ts';
import type { Artifacts, SweepNode } from '../sweep/index.ts';

/**
 * Puts a session's engine and weights where its node finds them. An engine in a container, or installed on
 * another host, brings its own software and fetches its weights by their hub's name into the node's cache.
 */
export async function provision(
  session: EngineSession,
  node: SweepNode,
  context: ProvisionContext,
): Promise<Artifacts> {
  if (node.launcher.runs !== 'provisioned engines') {
    return {
      modelPath: session.model,
      provenance: { image: { reference: session.image }, model: { reference: session.model } },
    };
  }
  const engine = await provisionEngine(session.image, context);
  const fetched = await provisionModel(session.model, context);
  const converts = engineFor(session.framework).weights === 'hugging-face' && fetched.path.endsWith('.gguf');
  const precision = session.points[0]?.entry.precision ?? '';
  const model = converts ? await floatWeights(fetched, precision, engine, context) : fetched;
  return {
    engineDir: engine.directory,
    modelPath: model.path,
    provenance: {
      image: { reference: engine.reference, digest: engine.digest },
      model: {
        reference: model.reference,
        sha256: model.sha256,
        bytes: model.bytes,
        ...defined({ converted_from_sha256: converts ? fetched.sha256 : undefined }),
      },
    },
  };
}
