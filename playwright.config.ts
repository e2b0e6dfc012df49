import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'

const PORT = Number(process.env.WEBHOST_PORT ?? 7420)
const data = process.env.WEBHOST_DATA ?? mkdtempSync(join(tmpdir(), 'guildhall-e2e-'))
const webhost = process.env.WEBHOST ?? 'target/debug/webhost'
const ui = process.env.UI_DIST ?? 'ui/dist'
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'tests/e2e/results',
  // One market for all stories: they run one after another.
  workers: 1,
  fullyParallel: false,
  timeout: 30_000,
  expect: { timeout: 7_500 },
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1200, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Africa/Lagos',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(existsSync(chromium) ? { executablePath: chromium } : {}),
      args: ['--no-sandbox', '--disable-background-networking'],
    },
  },
  projects: [{ name: 'stories' }],
  webServer: [
    {
      command: `${webhost} --port ${PORT} --ui ${ui} --data ${data}`,
      url: `http://127.0.0.1:${PORT}/`,
      reuseExistingServer: false,
      timeout: 30_000,
    },
  ],
})
