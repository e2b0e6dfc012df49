import type { Locator } from '@playwright/test'
import { beAmara, bubble, composer, expect, openConversation, type Page, rpc, test, unique } from './support'

test('a button that cannot be pressed looks so, also under the pointer', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Kwame Mensah')
  const send = page.getByRole('button', { name: 'Send', exact: true })
  await composer(page).fill(unique('Sent by hand'))
  // The pointer stays where it was, on a button that has nothing to send any more.
  await send.click()
  await expect(send).toBeDisabled()
  await expect(send).toHaveCSS('background-color', 'rgba(0, 0, 0, 0)')
})

test('a menu has no ring around it, also when the key was what was used last', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await page.keyboard.press('ArrowDown')
  const row = page.getByRole('region', { name: 'Conversations' }).getByRole('link').nth(1)
  await row.click({ button: 'right' })
  const menu = page.getByRole('menu', { name: 'Actions', exact: true })
  await expect(menu).toBeFocused()
  await expect(menu).toHaveCSS('outline-style', 'none')
  // An item that one goes to is marked.
  await page.keyboard.press('ArrowDown')
  const item = menu.getByRole('menuitem').first()
  await expect(item).toBeFocused()
  await expect(item).not.toHaveCSS('background-color', 'rgba(0, 0, 0, 0)')
})

test('where a key goes is seen: no ring is cut off at the edge of a pane, and what Enter does in a dialog has one', async ({
  desk,
}) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Kwame Mensah')
  const pane = page.getByRole('region', { name: 'Conversation with Kwame Mensah' })
  await pane.click({ position: { x: 300, y: 20 } })
  await page.keyboard.press('Shift')
  await expect(pane).toBeFocused()
  await expect(pane).toHaveCSS('outline-style', 'none')
  await page.getByRole('button', { name: /^You: / }).click()
  await page.getByRole('menuitem', { name: /^Sign out/ }).click()
  const cancel = page.getByRole('dialog').getByRole('button', { name: 'Cancel' })
  await expect(cancel).toBeFocused()
  await expect(cancel).toHaveCSS('outline-style', 'solid')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('quiet time stands beside the connection like it, not like a link in a text', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const before = await rpc<object>(page, 'settings_get', {})
  await rpc(page, 'settings_set', { ...before, quiet_until: Date.now() + 3_600_000 })
  const quiet = page.getByRole('link', { name: /^Quiet until/ })
  await expect(quiet).toHaveCSS('text-decoration-line', 'none')
  await rpc(page, 'settings_set', before)
  await expect(quiet).toBeHidden()
})

test('a button inside of a field has the ring alone, and notices stand where the settings say', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await page.getByRole('button', { name: 'Filter by name' }).click()
  const field = page.getByRole('textbox', { name: 'Filter people by name' })
  await expect(field).toBeFocused()
  await expect(field.locator('..')).toHaveCSS('outline-style', 'solid')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Stop filtering' })).toBeFocused()
  await expect(field.locator('..')).toHaveCSS('outline-style', 'none')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+,')
  await page.getByRole('link', { name: 'Notifications' }).last().click()
  await expect(page.getByText('At the lower right, when the conversation is not in view')).toBeVisible()
  await page.getByRole('button', { name: 'Send a test' }).click()
  const toast = page.getByRole('region', { name: 'Notices' }).locator('.toast').first()
  await expect(toast).toBeVisible()
  await expect
    .poll(async () => {
      const box = (await toast.boundingBox())!
      return [Math.round(box.x + box.width), Math.round(box.y + box.height)]
    })
    .toEqual([1184, 784])
  await toast.getByRole('button', { name: /^Dismiss/ }).click()
})

test('what is chosen on a raised surface is seen, also in the dark', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const ground = (of: Locator) => of.evaluate((node) => getComputedStyle(node).backgroundColor)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.keyboard.press('Control+n')
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('combobox', { name: 'Find a person' }).locator('..')).toHaveCSS('outline-style', 'solid')
    const chosen = dialog.getByRole('option').first()
    await expect(chosen).toHaveAttribute('aria-selected', 'true')
    expect(contrast(await ground(chosen), await ground(dialog)), `an option, ${colorScheme}`).toBeGreaterThan(1.1)
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await page.getByRole('region', { name: 'Conversations' }).getByRole('link').first().click({ button: 'right' })
    const menu = page.getByRole('menu', { name: 'Actions' })
    await page.keyboard.press('ArrowDown')
    const item = menu.getByRole('menuitem').first()
    await expect(item).toBeFocused()
    expect(contrast(await ground(item), await ground(menu)), `an item, ${colorScheme}`).toBeGreaterThan(1.1)
    await page.keyboard.press('Escape')
  }
})

/** How far two opaque colours are apart, 1 to 21, as WCAG counts it. */
function contrast(one: string, other: string): number {
  const light = (colour: string) => {
    const [r, g, b] = colour.match(/\d+/g)!.map((part) => {
      const value = Number(part) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b)
  return (bright! + 0.05) / (dark! + 0.05)
}

/** A picture of any size, as a browser writes it. */
async function pictureOf(page: Page, width: number, height: number): Promise<Buffer> {
  const url = await page.evaluate(
    ([w, h]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h })
      const pen = canvas.getContext('2d')!
      pen.fillStyle = 'teal'
      pen.fillRect(0, 0, w!, h!)
      return canvas.toDataURL('image/png')
    },
    [width, height],
  )
  return Buffer.from(url.split(',')[1]!, 'base64')
}

/** On how many lines each of them is written. */
function linesOf(sizes: Locator): Promise<number[]> {
  return sizes.evaluateAll((nodes) =>
    nodes.map((node) => {
      const range = document.createRange()
      range.selectNodeContents(node)
      return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size
    }),
  )
}

/** Sends a picture with a long name and a short word. */
async function sendPicture(page: Page, height: number): Promise<{ text: string; name: string }> {
  await beAmara(page)
  await openConversation(page, 'Kwame Mensah')
  const [text, name] = [unique('Ok'), `${unique('the wall behind the second door of the kitchen')}.png`]
  const picture = { name, mimeType: 'image/png', buffer: await pictureOf(page, 900, height) }
  await page.locator('.composer input[type=file]').setInputFiles([picture])
  await expect(page.getByRole('list', { name: 'Chosen files' }).getByRole('button', { name: /^Remove/ })).toBeVisible()
  await composer(page).fill(text)
  await composer(page).press('Enter')
  await expect(bubble(page, text)).toContainText(/Sent|Delivered|Read/)
  return { text, name }
}

test('the size of a file is one word, beside a long name and with large letters too', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Kwame Mensah')
  await page.locator('.composer input[type=file]').setInputFiles([
    {
      name: `${unique('all that was measured in the kitchen').replaceAll(' ', '-')}.pdf`,
      mimeType: 'application/pdf',
      buffer: Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(78_000, 0x20)]),
    },
  ])
  const size = page.getByRole('list', { name: 'Chosen files' }).getByText(/^\d+ kB$/)
  await expect(size).toBeVisible()
  expect(await linesOf(size)).toEqual([1])
  await page.getByRole('button', { name: /^Remove all/ }).click()

  await page.evaluate(() => (location.hash = '#/settings/data'))
  await expect(page.locator('.legend .tabular')).toHaveCount(2)
  await page.evaluate(() => (document.documentElement.style.fontSize = '24px'))
  await page.setViewportSize({ width: 760, height: 600 })
  expect(await linesOf(page.locator('.legend .tabular'))).toEqual([1, 1])
})

test('no line under a message begins with a dot, and none lies on the picture above it', async ({ desk }) => {
  const page = await desk()
  const { text } = await sendPicture(page, 300)
  const message = bubble(page, text)
  const begins = () =>
    message.locator('.meta').evaluate((node) => {
      const found: string[] = []
      const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT)
      let bottom = -Infinity
      for (let part = walk.nextNode(); part; part = walk.nextNode()) {
        const words = part.textContent ?? ''
        for (let at = 0; at < words.length; at += 1) {
          const range = document.createRange()
          range.setStart(part, at)
          range.setEnd(part, at + 1)
          const box = range.getBoundingClientRect()
          if (box.width === 0 || !words[at]!.trim() || box.top < bottom - 2) continue
          found.push(words[at]!)
          bottom = box.bottom
        }
      }
      return found
    })
  for (let width = 1200; width >= 720; width -= 16) {
    await page.setViewportSize({ width, height: 700 })
    expect(await begins(), `at ${width}`).not.toContain('·')
    const between = await message.evaluate((node) => {
      const [above, line] = ['.stack', '.meta'].map((part) => node.querySelector(part)!.getBoundingClientRect())
      return Math.abs(line!.top - above!.bottom)
    })
    expect(between, `at ${width}`).toBeLessThan(1)
  }
})

test('what can be done with a message stands beside its words, however long the line under them', async ({ desk }) => {
  const page = await desk()
  const { text } = await sendPicture(page, 300)
  // Both at one moment: the line under them may just come.
  await expect(bubble(page, text).getByRole('button', { name: 'Message actions' })).toBeAttached()
  const [words, more] = await bubble(page, text).evaluate((node) =>
    [node.querySelector('.bubble')!, node.querySelector('.more')!].map((part) => {
      const { x, y, width } = part.getBoundingClientRect()
      return { x, y, width }
    }),
  )
  expect(Math.abs(words!.x - more!.x - more!.width)).toBeLessThan(8)
  expect(Math.abs(words!.y - more!.y)).toBeLessThan(8)
})

test('a picture is looked at whole, without scrolling', async ({ desk }) => {
  const page = await desk()
  const { text, name } = await sendPicture(page, 1800)
  // Opened anew, so that the picture is the server's by now, whatever became of the copy here meanwhile; and pressed
  // while it is still on its way.
  let come = (): void => undefined
  const held = new Promise<void>((resolve) => (come = resolve))
  await page.route('**/attachment_get', async (route) => {
    await held
    await route.continue()
  })
  await page.reload()
  await bubble(page, text)
    .getByRole('button', { name: `Open ${name}` })
    .click()
  come()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('img')).toBeVisible()
  for (const size of ['16px', '24px']) {
    await page.evaluate((size) => (document.documentElement.style.fontSize = size), size)
    const { over, scrolls } = await dialog.evaluate((node) => ({
      over: Math.max(node.scrollHeight - node.clientHeight, node.scrollWidth - node.clientWidth),
      scrolls: node.offsetWidth - node.clientWidth,
    }))
    expect({ size, over, scrolls }).toEqual({ size, over: 0, scrolls: 0 })
    await expect(dialog.getByRole('button', { name: 'Save' })).toBeInViewport({ ratio: 1 })
  }
})
