import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = 'http://localhost:8000';

export default defineConfig({
  base: '/static/graphiql/',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: '../../partner_center/static/graphiql',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      // Libraries mark modules with "use no memo" for a compiler that does not run here.
      onLog: (level, log, report) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && report(level, log),
    },
  },
  // `npm run dev` shows the page with a running API behind it.
  server: { proxy: { '/graphql': { target: api, ws: true }, '/demo': api } },
});
