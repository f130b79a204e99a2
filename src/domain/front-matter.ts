/** Front matter: what a Markdown file says to machines, between two lines of `---` at its top. Under it stands the body. */

/** `front` is null where there is none. `joined` puts the two together again, to the byte. */
export type Split = { front: string | null; body: string }

export function split(content: string): Split {
  const end = content.startsWith('---\n') ? content.indexOf('\n---\n', 3) : -1
  if (end === -1) return { front: null, body: content }
  return { front: content.slice(4, end + 1), body: content.slice(end + 5) }
}

export function joined({ front, body }: Split): string {
  return front === null ? body : `---\n${front}---\n${body}`
}

/** What stands there under a name, on one line; null where nothing does. */
export function fieldIn(front: string | null, name: string): string | null {
  const text = new RegExp(`^${name}: +(.+)$`, 'm').exec(front ?? '')?.[1]?.trim()
  return text === undefined ? null : unquoted(text)
}

/** The one person in its scope; null for everybody. */
export function personIn(front: string | null): string | null {
  const [, person] = PERSON.exec(fieldIn(front, 'scope') ?? '') ?? []
  return person === undefined || person === 'null' ? null : unquoted(person.trim())
}

const PERSON = /[{,] *person: ("(?:[^"\\]|\\.)*"|[^,{}"]+)[ ,}]/

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    // A person's YAML, not ours: what stands there is what we show.
    return text
  }
}
