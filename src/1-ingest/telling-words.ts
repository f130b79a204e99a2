/**
 * Words that say what a number beside them is.
 *
 * A word stands alone, or begins with a capital inside a name of code: `ssn`, `SSN`, `patient_ssn`, `userSsn`.
 */
export class TellingWords {
  private readonly before: RegExp
  private readonly after: RegExp

  /** `between` is what may stand between the word and the number. */
  constructor(words: string[], between: RegExp) {
    const word = words.map(inItsCases).join('|')
    this.before = new RegExp(`(?:${word})(?!\\p{LC})(?:${between.source}){0,${FAR}}$`, 'u')
    this.after = new RegExp(`^[^\\p{LC}\\p{N}\\n]{0,4}(?:${word})(?!\\p{LC})`, 'u')
  }

  tell(text: string, start: number, end: number): boolean {
    return (
      this.before.test(text.slice(Math.max(0, start - FAR), start)) ||
      this.after.test(text.slice(end, end + FAR))
    )
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
