export { type Occasion, readWatchState, type WatchState, writeWatchState } from './state.ts';
export { type Postponed, type SweepEnd, type WatchEffects, type WatchEvent, watch } from './watch.ts';
