import { expect, test } from 'vitest'
import { money, moneyParts, readMoney, saidMoney, plainMoney, signedMoney, typedMoney } from './money'

test('amounts are written with sign, groups, point and two digits, and never through a float', () => {
  expect(money(55_000_000, 'NGN')).toBe('₦550,000.00')
  expect(money(465_000, 'USD')).toBe('$4,650.00')
  expect(money(-1_375_000, 'NGN')).toBe('−₦13,750.00')
  expect(signedMoney(58_500_000, 'NGN')).toBe('+₦585,000.00')
  expect(moneyParts(12_773_050, 'NGN')).toEqual({ whole: '₦127,730', minor: '.50' })
  expect(money(1_234, 'XOF')).toContain('1,234')
  expect(money(999_999_999_999_999, 'NGN')).toBe('₦9,999,999,999,999.99')
  expect(money(5, 'NGN')).toBe('₦0.05')
})

test('lists drop what is zero behind the point, and nothing else', () => {
  expect(money(55_000_000, 'NGN', true)).toBe('₦550,000')
  expect(money(55_000_050, 'NGN', true)).toBe('₦550,000.50')
})

test('what somebody types is read as they mean it, or not at all', () => {
  for (const text of ['435000', '435,000.00', '₦435,000', 'NGN 435 000.0', ' 435000. ', '४३५,०००', '٤٣٥٠٠٠', '𝟦𝟥𝟧𝟢𝟢𝟢'])
    expect([text, readMoney(text, 'NGN')]).toEqual([text, 43_500_000])
  for (const text of ['', '4.5.0', '1e4', '-5', '12.345', 'all', '1.5', '99999999999999'])
    expect([text, readMoney(text, text === '1.5' ? 'XOF' : 'NGN')]).toEqual([text, null])
  expect(saidMoney('₦1,234.5', 'NGN')).toBe('1234.50')
  expect(plainMoney(7, 'NGN')).toBe('0.07')
  expect(typedMoney(43_500_050, 'NGN')).toBe('435,000.50')
  expect(readMoney(typedMoney(999_999_999_999_999, 'NGN'), 'NGN')).toBe(999_999_999_999_999)
})
