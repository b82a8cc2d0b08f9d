import { defineConfig } from 'vite';

/** `vite build apps/console` writes the page to dist/console, from where apps/lab serves it. */
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The page's content security policy allows scripts and styles from files alone, so nothing may become a data: URL.
  build: { outDir: '../../dist/console', emptyOutDir: true, assetsInlineLimit: 0 },
});
