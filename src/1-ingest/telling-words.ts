/**
 * Words that say what a number beside them is.
 *
 * A word stands alone, or begins with a capital inside a name of code: `ssn`, `SSN`, `patient_ssn`, `userSsn`.
 */
export class TellingWords {
  private readonly words: string[]
  private readonly between: RegExp
  /** Made when they are first needed: most commands read no transcript, and would wait for them. */
  private patterns: { before: RegExp; after: RegExp } | null = null

  /** `between` is what may stand between the word and the number. */
  constructor(words: string[], between: RegExp) {
    this.words = words
    this.between = between
  }

  tell(text: string, start: number, end: number): boolean {
    this.patterns ??= this.made()
    const { before, after } = this.patterns
    return before.test(text.slice(Math.max(0, start - FAR), start)) || after.test(text.slice(end, end + FAR))
  }

  private made() {
    const word = this.words.map(inItsCases).join('|')
    return {
      before: new RegExp(`(?:${word})(?!\\p{LC})(?:${this.between.source}){0,${FAR}}$`, 'u'),
      after: new RegExp(`^[^\\p{LC}\\p{N}\\n]{0,4}(?:${word})(?!\\p{LC})`, 'u'),
    }
  }
}

/** Characters that are looked at beside a number. */
const FAR = 40

function inItsCases(word: string): string {
  const capitalized = word.charAt(0).toUpperCase() + word.slice(1)
  const [small, capital, large] = [word, capitalized, word.toUpperCase()].map((it) =>
    it.replace(/[ -]/g, '[ _-]?'),
  )
  return `(?<!\\p{LC})(?:${small}|${capital}|${large})|(?<=\\p{Ll})${capital}`
}
