/** How the page is built: from `web/` into `dist/`, one chunk per route, names with the hash of their content. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: join(import.meta.dirname, 'web'),
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2023',
    // An icon as a data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // 200 kB compressed: the frame, the wall and the libraries; every other view has a chunk of its own.
    chunkSizeWarningLimit: 700,
  },
  // For work on the page with `npx vite`: the data come from a platform that runs beside it.
  server: {
    proxy: Object.fromEntries(
      ['/metrics', '/training', '/qa', '/ingest', '/evaluation', '/ops', '/demo', '/docs'].map((path) => [
        path,
        process.env.COACHLOOP_URL ?? 'http://127.0.0.1:8080',
      ]),
    ),
  },
});
