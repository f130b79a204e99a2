/** Operation: one thing that a model advises to do with lessons and memories, and why it may be refused. */

/** A lesson or a memory, as it was when the model was asked. */
export type Named = {
  /** Of a lesson; null for a memory that tells none. */
  pattern_id: string | null
  /** Null for a lesson without a memory. */
  path: string | null
  /** Of the memory, or of the lesson. */
  sha256: string
}

export type Operation = {
  operation: 'merge' | 'reword' | 'add' | 'conflict'
  of: Named[]
  /** The new sentence; empty for a conflict. */
  text: string
  /** Of a conflict, a sentence of each of the two. */
  says: string[]
}

/** Why an operation is refused, and how it is told. */
export const REFUSALS = {
  'unknown id': 'named something that it was not given',
  outdated: 'named something that has changed',
  'wrong number': 'named too few or too many',
  'no lesson': 'named what tells no lesson that holds',
  'of people': 'would have changed what a person wrote',
  'other people': 'put together what is for different people',
  'no sentence': 'had no plain sentence',
  'new name': 'had a number, a name or an “only” that the lessons lack',
  'lost name': 'left out a number, a name or an “only”',
  'other things': 'took lessons about different things for one',
  opposite: 'said the opposite',
  capability: 'spoke of something dangerous that the lessons do not speak of',
  'text of a tool': 'repeated words of a tool or of the web',
  'lost words': 'lost more than a quarter of the words',
  'no such quote': 'quoted what does not stand there',
  contradictory: 'contradicted another one',
  repeated: 'was there twice',
  'too much': 'would have put too many memories together',
  'too many': 'came after a hundred others',
  'nothing new': 'said nothing new',
  unwanted: 'was about what people rejected, or asked to be left alone',
} as const

export type Refused = { operation: Operation['operation']; reason: keyof typeof REFUSALS }
