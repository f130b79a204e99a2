import { expect, test } from 'vitest'
import { saysItChanges } from '../../src/2-review/change.ts'

test.each([
  ['cancel_order', true],
  ['UpdateRecord', true],
  ['updateRecord', true],
  ['send-mail', true],
  ['Edit', true],
  ['mcp__crm__delete_contact', true],
  ['git push', true],
  ['rm', true],
  ['git status', false],
  ['get_order', false],
  ['mcp__crm__list_updates', false],
  ['search', false],
  ['addresses', false],
  ['', false],
  ['17', false],
])('the name %j says that it changes something: %s', (action, says) => {
  expect(saysItChanges(action)).toBe(says)
})
