import { describe, expect, test } from 'vitest'
import { withoutRecalled } from '../../src/1-ingest/recalled-memory.ts'
import { textOf } from '../../src/domain/event.ts'
import { isRecalled } from '../../src/domain/recalled-memory.ts'
import { answer, events, say } from '../session-builder.ts'

const told = (text: string) =>
  withoutRecalled({ events: events(answer('hello'), say(text)) })
    .events.slice(1)
    .map((it) => `${it.type === 'user.message' ? 'person' : 'memory'} ${it.id}: ${textOf(it)}`)

describe('memory that stands in a person’s message becomes a message of its own', () => {
  test.each([
    {
      form: 'a tag',
      text: 'fix it\n<memory>\n- Always x\n</memory>\nthanks',
      parts: ['memory e2_memory: <memory>\n- Always x\n</memory>', 'person e2: fix it\nthanks'],
    },
    {
      form: 'a tag of a plugin',
      text: '<relevant-memories count="2">- x</relevant-memories>\n\nfix it',
      parts: ['memory e2_memory: <relevant-memories count="2">- x</relevant-memories>', 'person e2: fix it'],
    },
    {
      form: 'a tag that begins the message and is never closed',
      text: '<supermemory-context>\nAlways x',
      parts: ['memory e2: <supermemory-context>\nAlways x'],
    },
    {
      form: 'a heading over a list',
      text: '# Memory\n\n- Always x\n  and y\n\n- Never z\nfix it',
      parts: ['memory e2_memory: # Memory\n\n- Always x\n  and y\n\n- Never z', 'person e2: fix it'],
    },
    {
      form: 'words over a paragraph',
      text: 'Relevant memories:\nThe user likes x. Always y.\n\nfix it',
      parts: ['memory e2_memory: Relevant memories:\nThe user likes x. Always y.', 'person e2: fix it'],
    },
    {
      form: 'our index',
      text: '# What earlier sessions taught\n\n- [/a.md](/a.md): Always x\n- … and 3 more\n\nfix it',
      parts: [
        'memory e2_memory: # What earlier sessions taught\n\n- [/a.md](/a.md): Always x\n- … and 3 more',
        'person e2: fix it',
      ],
    },
    {
      form: 'a memory of ours',
      text: 'Read:\n---\nname: a\npattern: pat_00aabbccdd\n---\nCall `a`.\n\nWhy: It works.\n\nfix it',
      parts: [
        'memory e2_memory: ---\nname: a\npattern: pat_00aabbccdd\n---\nCall `a`.\n\nWhy: It works.',
        'person e2: Read:\nfix it',
      ],
    },
    {
      form: 'our block',
      text: '<!-- reverie:begin {} -->\n> x\n<!-- reverie:end -->\nfix it',
      parts: ['memory e2_memory: <!-- reverie:begin {} -->\n> x\n<!-- reverie:end -->', 'person e2: fix it'],
    },
    {
      form: 'an instructions file',
      text: 'fix it\nContents of /a/CLAUDE.md (project instructions, checked into the codebase):\n\nAlways x',
      parts: [
        'memory e2_memory: Contents of /a/CLAUDE.md (project instructions, checked into the codebase):\n\nAlways x',
        'person e2: fix it',
      ],
    },
  ])('$form', ({ text, parts }) => {
    expect(told(text)).toEqual(parts)
  })
})

test.each([
  'Memory usage is too high: always free it.',
  'The <memory> tag is broken, mend it.',
  'Fix the memory leak.\nLessons: none.',
  'Change CLAUDE.md so that it says: always x.',
])('a person speaks of memory: %s', (text) => {
  expect(told(text)).toEqual([`person e2: ${text}`])
})

test('a session without any is the same session', () => {
  const session = { events: events(say('fix the memory'), answer('done')) }
  expect(withoutRecalled(session).events).toEqual(session.events)
})

test('memory is known again by itself', () => {
  const [, memory, person] = withoutRecalled({
    events: events(answer('hello'), say('<memory>x</memory> fix it')),
  }).events
  expect(isRecalled(memory!)).toBe(true)
  expect(isRecalled(person!)).toBe(false)
})

test('a text full of beginnings is read in one pass', () => {
  const started = performance.now()
  for (const it of ['<memory>', '# memory\n\n', '---\nname: memory\n', '<memory></memory> a '])
    told(`a ${it.repeat(20_000)}`)
  expect(performance.now() - started).toBeLessThan(5_000)
})
