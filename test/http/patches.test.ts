/** Metadata is patched key by key: whoever patches at the same time loses nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Door, openDoor } from './door.ts'

/** Two servers on one database. */
let door: Door
let other: Door
beforeAll(async () => {
  door = await openDoor({ role: 'writer' })
  other = await openDoor({ role: 'writer', database: door.database })
})
afterAll(async () => {
  await other.close()
  await door.close()
})

const post = (path: string, body: object, at = door) => at.ask('POST', path, body)

const NOUNS = [
  { noun: 'sessions', wanted: { agent: 'desk' } },
  { noun: 'agents', wanted: { name: 'clerk', model: 'claude-opus-5' } },
  { noun: 'environments', wanted: { name: 'room' } },
]

test.each(NOUNS)(
  'of $noun, twelve keys that two servers patch at once are all there',
  async ({ noun, wanted }) => {
    const { json: made } = await post(`/v1/${noun}`, { ...wanted, metadata: { kept: 'a', gone: 'b' } })
    const patches = Array.from({ length: 12 }, (_, i) => ({ [`key ${i}`]: `value ${i}` }))
    const answers = await Promise.all(
      [...patches, { gone: null }].map((metadata, i) =>
        post(`/v1/${noun}/${made.id}`, { metadata }, [door, other][i % 2]),
      ),
    )
    expect(answers.map((it) => it.status)).toEqual(answers.map(() => 200))
    const last = await post(`/v1/${noun}/${made.id}`, { metadata: {} })
    expect(last.json.metadata).toEqual(Object.assign({ kept: 'a' }, ...patches))
  },
)

test.each(NOUNS)(
  'of $noun, sixteen pairs at most are left by patches, however they come',
  async ({ noun, wanted }) => {
    const { json: made } = await post(`/v1/${noun}`, wanted)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        post(`/v1/${noun}/${made.id}`, { metadata: { [`key ${i}`]: 'x' } }, [door, other][i % 2]),
      ),
    )
    expect(answers.filter((it) => it.status === 200)).toHaveLength(16)
    expect(answers.filter((it) => it.status === 400)).toHaveLength(4)
    const last = await post(`/v1/${noun}/${made.id}`, { metadata: {} })
    expect(Object.keys(last.json.metadata)).toHaveLength(16)
  },
)
