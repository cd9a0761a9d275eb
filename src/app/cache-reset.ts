export { cacheResetPaths } from '../engines/index.ts';
