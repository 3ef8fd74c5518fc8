import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { sealed } from './sealed.js'

// The page is built into the package, so that users need no Node. Names carry no hash: what changes is seen in a diff.
export default defineConfig({
  base: './',
  plugins: [svelte({ preprocess: vitePreprocess() }), sealed()],
  build: {
    outDir: '../src/glasscity/web/page',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js', assetFileNames: '[name][extname]' },
    },
  },
})
