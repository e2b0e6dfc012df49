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
