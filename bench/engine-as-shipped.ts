import type * as reverie from '../src/index.ts'

/** The engine as users run it: the bundle, which `npm run bench:…` builds before. */
const bundle = new URL('../dist/index.js', import.meta.url).href

export const { openEngine }: typeof reverie = await import(bundle)
