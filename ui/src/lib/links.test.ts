import { describe, expect, it } from 'vitest'
import { pieces } from './links'

const links = (text: string) => pieces(text).flatMap((part) => (part.kind === 'link' ? [part.text] : []))

describe('links in plain text', () => {
  it.each([
    ['see https://guildhall.example/drawings.', ['https://guildhall.example/drawings']],
    ['(https://a.example/x_(y))', ['https://a.example/x_(y)']],
    ['http://a.example, then mailto:amara@okonkwo.example!', ['http://a.example', 'mailto:amara@okonkwo.example']],
    ['no link in a.example or www.a.example', []],
    ['javascript:alert(1)', []],
    ['data:text/html,x file:///etc/passwd ftp://a.example', []],
    ['xhttps://a.example', []],
    ['https://', []],
  ])('E103: %s', (text, found) => expect(links(text)).toEqual(found))

  it.each([
    ['（https://example.com）', ['https://example.com']],
    ['看https://example.com，谢谢', ['https://example.com']],
    ['https://example.com/a看这里', ['https://example.com/a']],
    ['https://example.com看这里', ['https://example.com']],
    ['「https://example.com/b」', ['https://example.com/b']],
    ['https://example.com/cดูนี่', ['https://example.com/c']],
    ['https://example.comดูนี่', ['https://example.com']],
    ['«https://example.com/d» “https://example.com/e”', ['https://example.com/d', 'https://example.com/e']],
    ['https://example.com/f。', ['https://example.com/f']],
    ['https://münchen.example/straße', ['https://münchen.example/straße']],
    ['https://пример.example', ['https://пример.example']],
    ['https://例え.example/a', ['https://例え.example/a']],
  ])('ends where the sentence goes on: %s', (text, found) => {
    expect(links(text)).toEqual(found)
    expect(pieces(text).some((part) => part.kind === 'link' && part.odd)).toBe(false)
    expect(
      pieces(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })

  it.each(['http://gооgle.com', 'https://аррӏе.com', 'https://xn--80ak6aa92e.com', 'mailto:me@gооgle.com'])(
    'E103: accuses what imitates: %s',
    (text) => expect(pieces(text)[0]).toMatchObject({ kind: 'link', odd: true }),
  )

  it('loses no text', () => {
    const text = 'a https://a.example/, b (http://b.example) javascript:x c'
    expect(
      pieces(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text)
  })

  it('E103: shows a look-alike host in its ASCII form', () => {
    const [, link] = pieces('go to http://gооgle.com/login now')
    expect(link).toMatchObject({ kind: 'link', odd: true, text: 'http://xn--ggle-55da.com/login' })
  })

  it('E103: takes care with a host that hides behind a name', () => {
    const [link] = pieces('https://guildhall.example@evil.example/')
    expect(link).toMatchObject({ odd: true, text: 'https://evil.example' })
  })
})
