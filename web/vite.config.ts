import { defineConfig } from 'vite';

/** One script and one style, so that a published page can carry them inside itself. */
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { outDir: '../dist/web', emptyOutDir: true, modulePreload: false, cssCodeSplit: false },
});
