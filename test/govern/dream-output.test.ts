/** The output of a dream is its input with its changes put in, and nothing else. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexFile } from '../../src/4-consolidate/index-file.ts'
import type { PastMemory } from '../../src/db/memory-versions.ts'
import type { Change } from '../../src/domain/change.ts'
import { sha256 } from '../../src/domain/id.ts'
import { withChanges } from '../../src/govern/dream-output.ts'
import { change } from '../5-decide/changes.ts'
import { ANA, openDesk } from './desk.ts'

const DREAM = {
  id: 'drm_1',
  memory_store_id: 'memstore_1',
  created_at: '2026-11-09T03:00:00.000Z',
  ended_at: null,
}
const paths = ['/a.md', '/b.md', '/c.md', '/d.md']
const texts = fc.constantFrom('one\n', 'two\n', 'three\n')

test('whatever the store and the changes, the output is each change applied to the input, with its index', () => {
  const input = fc.dictionary(fc.constantFrom(...paths), texts)
  const edit = fc.record({ path: fc.constantFrom(...paths), after: fc.option(texts) })
  const edits = fc.uniqueArray(edit, { selector: (it) => it.path })
  fc.assert(
    fc.property(input, edits, (memories, edits) => {
      const before = Object.entries(memories).map(([path, content]) => past(path, content))
      const frozen = JSON.stringify(before)
      const changes = edits
        .filter((it) => it.after !== (memories[it.path] ?? null))
        .map((it, i) => change({ ...it, id: `chg_${i}`, before: memories[it.path] ?? null }))

      const output = withChanges(before, changes, DREAM)

      const wanted = new Map<string, string>(Object.entries(memories))
      for (const { path, after } of changes) {
        if (after === null) wanted.delete(path)
        else wanted.set(path, after)
      }
      const { '/_index.md': index, ...others } = Object.fromEntries(output.map((it) => [it.path, it.content]))
      expect(others).toEqual(Object.fromEntries(wanted))
      expect(index).toBe(wanted.size === 0 ? undefined : indexFile(output))
      expect(JSON.stringify(before)).toBe(frozen)
      for (const it of output)
        expect(it.change_id).toBe(changes.find((change) => change.path === it.path)?.id ?? null)
    }),
  )
})

test.each<{ name: string; of: Partial<Change>; content: string | undefined }>([
  { name: 'undecided', of: {}, content: 'new\n' },
  { name: 'rejected by a person', of: { status: 'rejected' }, content: 'new\n' },
  { name: 'denied by the policy', of: { status: 'denied' }, content: 'old\n' },
  { name: 'put up again against another text', of: { before: 'later\n' }, content: 'old\n' },
  { name: 'erased', of: { after: null, redacted_at: '2026-11-09' }, content: 'old\n' },
])('a change that is $name leaves $content', ({ of, content }) => {
  const one = change({ path: '/a.md', before: 'old\n', after: 'new\n', ...of })
  const output = withChanges([past('/a.md', 'old\n')], [one], DREAM)
  expect(output.find((it) => it.path === '/a.md')?.content).toBe(content)
})

test('it stays what it was, whatever people make of the changes and of the store', async () => {
  const desk = await openDesk()
  const [ship] = await desk.night(['ship'])
  await desk.write('/theirs.md', 'A person’s.\n')
  const [pack] = await desk.night(['pack'])
  const output = async (id: string) =>
    (await desk.engine.dreamOutput(id)).data.map((it) => [it.path, it.content])
  const seen = [await output(ship!.dream_id), await output(pack!.dream_id)]
  expect(seen.map((it) => it.map(([path]) => path))).toEqual([
    ['/_index.md', ship!.path],
    ['/_index.md', pack!.path, '/theirs.md'],
  ])

  await desk.live([ship!])
  await desk.approve(pack!, ANA, 'Edited.\n')
  await desk.write(pack!.path, 'Somebody else’s.\n')
  await desk.engine.adopt({}, ANA)
  await desk.engine.undo(ship!.id, { as: ANA })

  expect([await output(ship!.dream_id), await output(pack!.dream_id)]).toEqual(seen)
  await expect(desk.engine.dreamOutput(ship!.dream_id, { path: 'no.md' })).rejects.toMatchObject({
    type: 'not_found_error',
  })
  await desk.close()
})

function past(path: string, content: string): PastMemory {
  return {
    id: `mem_${path}`,
    memory_store_id: 'memstore_1',
    memory_version_id: `memver_${path}`,
    path,
    content,
    content_sha256: sha256(content),
    content_size_bytes: Buffer.byteLength(content),
    created_by: 'user:bo',
    created_at: '2026-11-08T03:00:00.000Z',
    updated_at: '2026-11-08T03:00:00.000Z',
  }
}
