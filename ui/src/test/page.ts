/** As much of a page as the logic looks at, so that its tests need no browser. */

const page = new EventTarget()

Object.assign(globalThis, {
  location: { hash: '', search: '' },
  history: { state: null, replaceState() {} },
  document: Object.assign(page, {
    visibilityState: 'visible',
    hasFocus: () => true,
    documentElement: { dataset: {}, style: {} },
    title: '',
  }),
  window: Object.assign(new EventTarget(), { matchMedia: () => ({ matches: false, addEventListener() {} }) }),
})
