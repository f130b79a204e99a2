/** Document review in which, on night 40, the tool for large files is switched off and another one takes its place. */
import { complete, documentReview, type Kind, review, tools } from './document-review.ts'
import type { World } from './world.ts'

const NIGHT = 40

const MOSTLY_LARGE: readonly (readonly [Kind, number])[] = [
  ['plain', 3],
  ['large', 4],
  ['scan', 1.5],
  ['workbook', 1.5],
]

export const toolChange: World = {
  ...documentReview,
  name: 'tool-change',
  about: `document review in which the tool for large files is another one from night ${NIGHT} on`,
  tools: tools((night) => (night < NIGHT ? 'parse_document_stream' : 'parse_document_chunks')),
  work: (task, { random }) => review(task, random, MOSTLY_LARGE),
  success: complete,
  change: {
    night: NIGHT,
    stale: /exceeds the limit.*use `parse_document_stream` instead/,
    instead: /exceeds the limit.*use `parse_document_chunks` instead/,
  },
}
