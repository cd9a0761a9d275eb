import type { SessionStory, SweepStory } from '../../src/sweep/index.ts';

/** The log of a session on eight GPUs without any failure. */
const quietSession: SessionStory = {
  id: 'qwen3-h200',
  servedModel: 'qwen3.5',
  precision: 'fp8',
  framework: 'sglang',
  hardware: 'h200',
  runner: 'h200',
  accelerators: 8,
  state: 'finished',
  starts: 1,
  nodes: ['gpu-06'],
  engineS: 60,
  loadingS: 30,
  acceleratorHours: 0.1,
  failures: [],
  checks: [],
  points: [],
};

/** The log of a sweep with one session, which differs from a quiet one as given. */
export function oneSessionStory(session: Partial<SessionStory>): SweepStory {
  return {
    sweepId: 'ci-1-a',
    createdAt: '2026-01-14T10:15:00Z',
    command: 'ci run',
    state: 'finished',
    runs: 1,
    elapsedS: 60,
    engineStarts: 1,
    engineS: 60,
    acceleratorHours: 0.1,
    orphansEnded: 0,
    points: { finished: 1, started: 0, failed: 0, skipped: 0, 'left-out': 0, waiting: 0 },
    sessions: [{ ...quietSession, ...session }],
    nodes: [],
  };
}
