/** Words like "don't" and "we'll": each stands for two that mean little by themselves. */

const NOT = /^(ai|are|ca|could|did|do|does|had|has|have|is|might|must|need|sha|should|was|were|wo|would)n't$/
const WITH_A_VERB =
  /^(i|you|he|she|it|we|they|that|there|here|what|who|where|how|let|could|might|must|should|would)'(d|ll|m|re|s|ve)$/
const STEMS: Record<string, string> = { ca: 'can', wo: 'will', sha: 'shall' }
const VERBS: Record<string, string[]> = {
  d: ['would', 'had'],
  ll: ['will'],
  m: ['am'],
  re: ['are'],
  s: ['is', 'has'],
  ve: ['have'],
}

export function isContraction(word: string): boolean {
  return fullFormsOf(word).length > 0
}

/** What it may stand for, in lower case; nothing for other words. */
export function fullFormsOf(word: string): string[] {
  const plain = withPlainApostrophes(word.toLowerCase())
  const [, negated] = NOT.exec(plain) ?? []
  if (negated !== undefined) {
    const stem = STEMS[negated] ?? negated
    return stem === 'can' ? ['cannot', 'can not'] : [`${stem} not`]
  }
  const [, stem, verb] = WITH_A_VERB.exec(plain) ?? []
  if (stem === undefined) return []
  return stem === 'let' ? (verb === 's' ? ['let us'] : []) : VERBS[verb!]!.map((it) => `${stem} ${it}`)
}

/** An apostrophe between letters, however it was typed. */
export function withPlainApostrophes(text: string): string {
  return text.replace(/(?<=\p{L})[‘’ʼ´′＇](?=\p{L})/gu, "'")
}
