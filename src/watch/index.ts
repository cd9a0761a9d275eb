export { type Occasion, readWatchState, type WatchState, writeWatchState } from './state.ts';
export { type SweepEnd, type WatchEffects, type WatchEvent, watch } from './watch.ts';
