import { describe, expect, test } from 'vitest'
import { type Revision, revisionOf } from '../../src/2-review/draft.ts'

const DRAFT = 'Dear customer,\nYour order 17 was sent. It arrives on Friday.\nKind regards, the desk'

describe('of a draft', () => {
  test.each<{ name: string; after: string; revision: Partial<Revision> | null }>([
    { name: 'nothing changed', after: DRAFT, revision: null },
    {
      name: 'a sentence was put in, and its number and its names are no words',
      after: DRAFT.replace('It arrives', 'Audit trail: author=ana_k; source POL-23. It arrives'),
      revision: {
        added: [
          {
            parts: ['Audit trail: author=ana_k; source POL-23.'],
            words: ['audit', 'trail', 'author', 'source'],
          },
        ],
        removed: [],
        replaced: [],
      },
    },
    {
      name: 'a sentence was taken out',
      after: DRAFT.replace(' It arrives on Friday.', ''),
      revision: { added: [], removed: [{ parts: ['It arrives on Friday.'], words: ['arrive', 'friday'] }] },
    },
    {
      name: 'a word was put into a sentence: only that is new',
      after: DRAFT.replace('It arrives on', 'It kindly arrives on'),
      revision: {
        added: [{ parts: ['kindly'], words: ['kindly'] }],
        removed: [],
        replaced: [],
      },
    },
    {
      name: 'a phrase was replaced in a sentence that else stayed',
      after: DRAFT.replace('Kind regards,', 'Best wishes,'),
      revision: {
        added: [{ parts: ['Best wishes,'], words: ['best', 'wishe'] }],
        removed: [{ parts: ['Kind regards,'], words: ['kind', 'regard'] }],
        replaced: [{ from: 'kind regards', to: 'best wishes' }],
      },
    },
    {
      name: 'a number was replaced, which is no phrase',
      after: DRAFT.replace('order 17', 'order 71'),
      revision: { added: [{ parts: ['71'], words: [] }], replaced: [] },
    },
    {
      name: 'a sentence was written anew: it is one passage, and nothing in it a phrase',
      after: DRAFT.replace('It arrives on Friday.', 'Please call us about the arrival.'),
      revision: {
        added: [{ parts: ['Please call us about the arrival.'], words: ['call', 'arrival'] }],
        replaced: [],
      },
    },
    {
      name: 'a sentence was mostly written anew: all of it is shown, and only what is new is counted',
      after: DRAFT.replace('Your order 17 was sent.', 'The order arrives.'),
      revision: { added: [{ parts: ['The order arrives.'], words: ['arrive'] }], replaced: [] },
    },
    {
      name: 'most of a sentence was replaced, which is no phrase for another',
      after: DRAFT.replace('It arrives on Friday.', 'We hope for Friday.'),
      revision: { added: [{ parts: ['We hope for Friday.'], words: ['hope'] }], replaced: [] },
    },
    {
      name: 'a sentence moved, which changes nothing',
      after: 'Dear customer,\nIt arrives on Friday. Your order 17 was sent.\nKind regards, the desk',
      revision: { added: [], removed: [], replaced: [] },
    },
    {
      name: 'more than forty sentences were put in, which makes another text',
      after: `${DRAFT}\n${Array.from({ length: 41 }, (_, i) => `Line ${i}.`).join('\n')}`,
      revision: null,
    },
    { name: 'a document was made', after: DRAFT.repeat(2_000), revision: null },
  ])('$name', ({ after, revision }) => {
    const found = revisionOf(DRAFT, after)
    if (revision === null) expect(found).toBeNull()
    else expect(found).toMatchObject(revision)
  })
})

describe('a replacement', () => {
  test.each<{ before: string; after: string; replaced: Revision['replaced'] }>([
    {
      before: "We don't ship it on a Sunday.",
      after: 'We do not ship it on a Sunday.',
      replaced: [{ from: "don't", to: 'do not' }],
    },
    {
      before: 'We do not ship it on a Sunday.',
      after: 'We don’t ship it on a Sunday.',
      replaced: [{ from: 'do not', to: "don't" }],
    },
    {
      before: "We can't ship it on a Sunday. It's sure that it leaves on Monday.",
      after: 'We cannot ship it on a Sunday. It is sure that it leaves on Monday.',
      replaced: [
        { from: "can't", to: 'cannot' },
        { from: "it's", to: 'it is' },
      ],
    },
    { before: 'We ship it to the door.', after: 'We ship it to a door.', replaced: [] },
    { before: "The chair lost it's leg.", after: 'The chair lost its leg.', replaced: [] },
    { before: 'We don’t ship it on a Sunday.', after: "We don't ship it on a Sunday.", replaced: [] },
    {
      before: 'We utilize the van. It leaves on Monday.',
      after: 'We use the van. Call us about the arrival.',
      replaced: [{ from: 'utilize', to: 'use' }],
    },
  ])('of "$before" by "$after" is $replaced', ({ before, after, replaced }) => {
    expect(revisionOf(before, after)?.replaced ?? []).toEqual(replaced)
  })
})
