/**
 * Text that says nothing but what a reader sees.
 *
 * Transcripts hold text of strangers. What they say goes into keys, sentences and paths, so it is put on one line, and
 * what no eye sees is left out of it: an order may stand in invisible letters, or between them.
 */

/** On one line, without terminal codes, control characters, characters that are not seen, and passages that are turned around. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text.trim()
  return text
    .replace(TURNED_AROUND, '')
    .replace(TERMINAL_CODE, '')
    .replace(UNSEEN, '')
    .replace(BLANK, ' ')
    .trim()
}

const PLAIN = /^(?:[!-~]| (?! ))*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes start with the escape character
const TERMINAL_CODE = /\u001b\[[0-9;?]*[A-Za-z]/g
const TURNED_AROUND = /[\u202d\u202e][^\u202c]*\u202c?/g
/** Zero-width and bidirectional marks, tags, private and unassigned characters, variation selectors, letters without ink, and marks piled up. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}\u2800]+|(?<=\p{M}{2})\p{M}+/gu
const BLANK = /[\s\p{Cc}\p{Cs}]+/gu

/** For recognising words however they are dressed: lower case, wide and fancy letters plain, no accents, look-alikes of Latin letters as these. */
export function undressed(text: string): string {
  return visible(text.normalize('NFKC'))
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[\u0370-\u04ff]/g, (it) => LOOK_ALIKE.get(it) ?? it)
    .replace(/[’‘ʼ`]/g, "'")
}

const LOOK_ALIKE = new Map(
  [...'аaвbсcеeԁdһhіiјjкkмmнhоoрpԛqѕsтtуyхxԝwαaβbεeικkνvοoρpτtυuχxγyιi'.matchAll(/(.)([a-z])/gu)].map(
    (it): [string, string] => [it[1]!, it[2]!],
  ),
)

/** Whether a word mixes letters of several scripts, or is spelled letter by letter: nobody writes like that who wants to be read. */
export function isDisguised(text: string): boolean {
  return MIXED_WORD.test(text) || SPELLED.test(text)
}

const MIXED_WORD =
  /\p{Script=Latin}[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]|[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]\p{Script=Latin}/u
const SPELLED = /(?<!\p{L})(?:\p{L}[ ._-]){5,}\p{L}(?!\p{L})/u
