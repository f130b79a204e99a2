/**
 * The texts of a session: where they stand, and the same session with other texts.
 *
 * Walking is without recursion, for the input of a tool may be nested without end. Only what leads to a
 * text that changes is copied; the session itself never changes.
 */

/** A text, what names it, and where it stands. The keys of a tool's input are texts, too. */
export type Place = {
  text: string
  key: string | number
  /** The key it stands under, also that of the list it is in; empty for a key. */
  name: string
  is_key: boolean
  holder: Holder
}

/** An object or list in a session. */
type Holder = {
  value: object
  key: string | number
  name: string
  up: Holder | null
  depth: number
  in_input: boolean
}

/** Every text that is `wanted`, in whatever field, and of the numbers in tool inputs those from `numbers_from` on. */
export function textsOf(
  root: object,
  wanted: (text: string, name: string) => boolean,
  numbers_from = Number.POSITIVE_INFINITY,
): Place[] {
  const found: Place[] = []
  const open: Holder[] = []
  const add = (text: string, key: string | number, name: string, holder: Holder, is_key: boolean) => {
    if (wanted(text, name)) found.push({ text, key, name, holder, is_key })
  }
  const meet = (value: unknown, key: string | number, name: string, up: Holder) => {
    if (typeof value === 'string') add(value, key, name, up, false)
    else if (typeof value === 'object' && value !== null) {
      const depth = up.depth + 1
      const in_input = up.in_input || (depth === EVENT_DEPTH + 1 && key === 'input')
      open.push({ value, key, name, up, depth, in_input })
    } else if (typeof value === 'number' && value >= numbers_from && up.in_input)
      add(String(value), key, name, up, false)
  }
  open.push({ value: root, key: '', name: '', up: null, depth: 0, in_input: false })
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (Array.isArray(holder.value)) {
      for (let i = 0; i < holder.value.length; i++) meet(holder.value[i], i, holder.name, holder)
    } else {
      const inside = holder.value as Record<string, unknown>
      for (const key in inside) {
        if (holder.depth === EVENT_DEPTH && (key === 'type' || key === 'processed_at')) continue
        if (holder.in_input) add(key, key, '', holder, true)
        meet(inside[key], key, key, holder)
      }
    }
  }
  return found
}

/** The depth of an event in a session. What its type and time say is checked where it is parsed, and is no secret. */
const EVENT_DEPTH = 2

/** The same session with other texts. */
export function withTexts<S extends object>(session: S, places: Place[], texts: string[]): S {
  const copies = new Map<Holder, Copy>()
  const renamed = new Map<Holder, Map<string, string>>()
  let root: unknown = session
  places.forEach((place, i) => {
    const text = texts[i]!
    if (place.is_key) {
      const keys = renamed.get(place.holder) ?? new Map<string, string>()
      renamed.set(place.holder, keys.set(place.text, text))
    }
    let key = place.key
    let value: unknown = place.is_key ? undefined : text
    for (let holder: Holder | null = place.holder; holder !== null; holder = holder.up) {
      const known = copies.get(holder)
      const copy = known ?? copyOf(holder.value)
      if (value !== undefined) copy[key] = value
      // From here up the way is copied already.
      if (known !== undefined) return
      copies.set(holder, copy)
      key = holder.key
      value = copy
      if (holder.up === null) root = copy
    }
  })
  // At the end, for the values are found by the old keys.
  for (const [holder, keys] of renamed) rename(copies.get(holder)!, keys)
  return root as S
}

type Copy = Record<string | number, unknown>

function copyOf(value: object): Copy {
  return (Array.isArray(value) ? [...value] : { ...value }) as Copy
}

/** In place and in the same order; keys that become alike are told apart by a number. */
function rename(object: Copy, keys: Map<string, string>): void {
  const entries = Object.entries(object)
  for (const [key] of entries) delete object[key]
  for (const [key, value] of entries) {
    const wanted = keys.get(key) ?? key
    let name = wanted
    for (let n = 2; Object.hasOwn(object, name); n++) name = `${wanted} ${n}`
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  }
}
