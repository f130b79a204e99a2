/**
 * Resumed sessions can be recorded again in the same file, under new ids. The same words of the
 * same voice at the same instant are then a copy, not something said twice.
 */
export class Repeats {
  /** What was said first at each time; mostly all that was. */
  private readonly firsts = new Map<string, { line: number; voice: string; words: string }>()
  /** What else was said, and where first. */
  private readonly others = new Map<string, number>()

  /** Was this said in an earlier entry? Within one entry the same may stand twice, and without a time nothing is known. */
  has(line: number, at: string | null, voice: string, words: string): boolean {
    if (at === null) return false
    const first = this.firsts.get(at)
    if (first === undefined) {
      this.firsts.set(at, { line, voice, words })
      return false
    }
    // The length and the beginning are enough to know a long text by.
    const beginning = words.slice(0, 200)
    if (first.voice === voice && first.words.length === words.length && first.words.startsWith(beginning))
      return first.line !== line
    const key = `${at} ${voice} ${words.length} ${beginning}`
    const other = this.others.get(key)
    if (other === undefined) this.others.set(key, line)
    return other !== undefined && other !== line
  }
}
