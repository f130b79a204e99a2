/**
 * Resumed sessions can be recorded again in the same file, under new ids. The same words of the
 * same voice at the same instant are then a copy, not something said twice.
 */
export class Repeats {
  /** Where each was said first. */
  private readonly lines = new Map<string, number>()

  /** Was this said in an earlier entry? Within one entry the same may stand twice, and without a time nothing is known. */
  has(line: number, at: string | null, voice: string, words: string): boolean {
    if (at === null) return false
    // The length and the beginning are enough to know a long text by.
    const key = `${at} ${voice} ${words.length} ${words.slice(0, 200)}`
    const first = this.lines.get(key)
    if (first === undefined) this.lines.set(key, line)
    return first !== undefined && first !== line
  }
}
