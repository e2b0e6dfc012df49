import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const webhost = 'http://127.0.0.1:7420'

export default defineConfig({
  root,
  base: './',
  cacheDir: fileURLToPath(new URL('../node_modules/.vite', import.meta.url)),
  plugins: [svelte({ configFile: fileURLToPath(new URL('svelte.config.js', import.meta.url)) })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['es2022', 'safari16.4'],
    // Everything stays a file of its own: the content policy allows fonts and styles from the app only.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/rpc': webhost, '/events': webhost, '/fault': webhost },
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.browser.test.ts'],
          environment: 'node',
          setupFiles: ['src/test/page.ts'],
          env: { TZ: 'Africa/Lagos' },
        },
      },
      {
        extends: true,
        test: {
          name: 'components',
          include: ['src/**/*.browser.test.ts'],
          setupFiles: ['src/test/styles.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { ...(existsSync(chromium) ? { executablePath: chromium } : {}), args: ['--no-sandbox'] },
              contextOptions: { locale: 'en-GB', timezoneId: 'Africa/Lagos' },
            }),
            instances: [{ browser: 'chromium' }],
            viewport: { width: 900, height: 600 },
          },
        },
      },
    ],
  },
})
