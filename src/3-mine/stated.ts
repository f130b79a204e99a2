/**
 * Stated: of what a tool said about an error, the words that a lesson may repeat.
 *
 * An error says what is wrong, and often what to do about it. Only the first is repeated: what to do is for the lesson to say, and
 * anybody who can make a tool fail could say it. So a text is cut into clauses, and of the clauses the first run is kept in
 * which each says in English that something is wrong, and none speaks to its reader. What is left is a few words for
 * recognising the error by; the text itself stays with the evidence.
 */
import { namesAPlace, readsLikeAnOrder } from '../domain/order.ts'
import { undressed, visible } from '../domain/visible-text.ts'

/** Longer clauses are prose. */
const MOST_WORDS = 16
const LONGEST_WORD = 44

/** Null where nothing is left. Without quotation marks and backticks, so that it can stand between them. */
export function statedIn(text: string): string | null {
  const plain = NOT_SAID.reduce((left, [it, by]) => left.replace(it, by), visible(text.slice(0, TEXT_LIMIT)))
  const clauses = plain.split(CLAUSE_END)
  const first = clauses.findIndex(isStatement)
  if (first === -1) return null
  const rest = clauses.slice(first)
  const end = rest.findIndex((it) => !isStatement(it))
  const kept = (end === -1 ? rest : rest.slice(0, end)).join('')
  if (NO_WORDS.test(kept)) return null
  return kept.replace(/^[\s,;:–—-]+|[\s,;:–—-]+$/g, '').replace(/(?<=\w{2}|>)\.$/, '') || null
}

const TEXT_LIMIT = 1_000
/** Tags of the harness, and what would end a quotation, a memory or a line of the index. */
const NOT_SAID: [RegExp, string][] = [
  [/<!--|-->|[\\|]|<\/?(?!(?:url|email|path|file|id|n)>)[a-z_]+>/g, ' '],
  [/["“”„«»`]/g, "'"],
]
/** The mark that ends a clause stays with it. */
const CLAUSE_END =
  /(?<=[.!?;:,…](?=\s))|(?<=\s[–—-](?=\s))|(?<=[.!?](?=\p{Lu}\p{Ll}))|(?<=\))(?=\s\p{Lu})|(?<=<…>)(?=\p{L})/u
const NO_WORDS = /^(?:\P{L}|<\w+>)*$/u

function isStatement(clause: string): boolean {
  const words = undressed(clause).match(/[\p{L}\p{N}<…][\p{L}\p{N}<>…'/_.@-]*/gu) ?? []
  if (words.length > MOST_WORDS || words.some((it) => it.length > LONGEST_WORD) || namesAPlace(clause))
    return false
  if (readsLikeAnOrder(clause) || isImperative(words) || isDemand(undressed(clause))) return false
  if (SECRET.test(clause) && words.length > 6) return false
  // The name of a program, a field or an exception, and what has no words at all.
  return (
    words.length <= 1 ||
    words.every((it) => !/\p{L}{2}/u.test(it) || /^<\w+>$/.test(it)) ||
    SAYS_WRONG.test(undressed(clause))
  )
}

const SECRET = /passwor[dt]|passphrase|credential|api[ _-]?key|secret|private key|token\b/i

const SAYS_WRONG =
  /\b(?:no|not|none|non|nothing|cannot|neither|nor|\w+n't|err|error\w*|\w*(?:error|exception|fault|failure)|fail\w*|fatal|crash\w*|abort\w*|panic\w*|invalid\w*|illegal|incorrect|incompatible|insufficient|inaccessible|inactive|incomplete|inconsistent|un(?!der|til|lock|ion|ique|it\b|its\b|ivers|less)\w{3,}|mis\w{3,}|bad|wrong|broken|corrupt\w*|malformed|denied|den(?:y|ies)|refus\w*|reject\w*|forbidden|prohibited|expired?|exceed\w*|conflict\w*|already|too|must|should|only|required?|requires|lacks?|needs?|exact\w*|expect\w*|unless|timed|time-?outs?|limit\w*|quota|full|closed|locked|empty|blank|duplicate\w*|exists?|out of|overflow\w*|stale|(?:modified|changed|moved|edited|updated|renamed) (?:since|during|while)|stopped|killed|blocked|lost|late|below|above|more than|less than|greater|smaller|short|low|different|differs?|reset|gone|void|obsolete|deprecated|overdue|unable|declined|canceled|cancelled|interrupted|disabled|offline|down|suspended|outdated|frozen|paused|revoked|busy|rolled back|exit code|e(?:conn\w+|timedout|hostunreach|noent|notfound|acces|perm|exist|pipe))\b/

/** Whether it says what somebody is to do, or when something is to be done. Of a thing it may say what form that must have. */
function isDemand(clause: string): boolean {
  return CONDITION.test(clause) || OF_PEOPLE.test(clause) || (MODAL.test(clause) && !OF_A_FORM.test(clause))
}

const CONDITION = /^\s*(?:if|when|once|whether|unless|for|while|before|after|as soon as|in case|in order)\b/
const MODAL =
  /\b(?:must|should|shall|ought|(?:need|needs|needed|have|has|had|are|is) to|may|might|can|will|would)\b/
const OF_PEOPLE =
  /\b(?:customers?|clients?|users?|people|persons?|anyone|everyone|somebody|staff|agents?|employees?|employers?|members?|patients?|passengers?|travell?ers?|visitors?|owners?|admin\w*|managers?|operators?|we|they|he|she|one) (?:\w+ )?(?:must|should|shall|ought|needs?|ha(?:s|ve) to|are|is to|may|might|can|will|would)\b/
const OF_A_FORM =
  /\b(?:must|should|shall|needs? to|has to|have to) (?:not |only |also |always |all |each |both )*(?:have|match|contain|equal|start|begin|end|exist|fit|differ|exceed|consist|be(?! (?:\w+ly )?\w+ed\b)|be (?:\w+ly )?(?:provided|specified|given|required|enclosed|quoted|encoded|formatted|sorted|closed|separated|named|defined|escaped|capitalized))\b/

/** Whether it tells to do something: not by a thing that went wrong ("transfer failed"), nor by what could not be done ("cannot read the file"). */
function isImperative(words: string[]): boolean {
  if (
    words.some(
      (it, i) =>
        IMPERATIVES.has(it) && OF_ONE.test(words[i + 1] ?? '') && !GOVERNS.test(words[i - 1] ?? 'to'),
    )
  )
    return true
  const start = words.findIndex((it) => !BEFORE_AN_ORDER.has(it))
  const [verb, next, after] = words.slice(Math.max(start, 0))
  if (verb === undefined || next === undefined) return false
  if (FORBIDS.test(`${verb} ${next}`)) return true
  return (
    IMPERATIVES.has(verb) && (OBJECT.test(next) || ![next, after ?? ''].some((it) => GOES_WRONG.test(it)))
  )
}

const FORBIDS = /^(?:do not|don't \w|stop \w+ing|avoid \w|refrain \w)/
/** What follows a noun that could be a verb. */
const GOES_WRONG =
  /^(?:is|was|has|of|in|for|id|name|type|code|key|not|no|cannot|can't|could|already|must|should|\w*error|fail\w*|timed|time-?out|timeout|denied|rejected|refused|declined|expired|exceeded|limit|missing|invalid|unknown|un(?:available|supported|expected|authori[sz]ed)|required|aborted|canceled|cancelled|interrupted|closed|full|empty|exists|conflict|too|only|disabled|forbidden|reset|stopped|lost|e(?:conn\w+|timedout|notfound))$/

const OF_ONE =
  /^(?:the|all|any|every|each|it|this|that|these|those|them|him|her|me|us|my|our|their|your|everything|everybody)$/
/** Before a verb that something else governs; a verb at the beginning is judged by itself. */
const GOVERNS =
  /^(?:to|not|cannot|can|could|would|will|may|might|should|must|did|does|do|shall|unable|when|while|on|by|from|or|and|of|\w+n't)$/

const OBJECT =
  /^(?:the|a|an|all|any|every|each|it|its|this|that|these|those|them|him|her|me|us|my|our|their|your|no|only|to|<\S+>)$/

const BEFORE_AN_ORDER = new Set(
  'then now instead next first also and just simply so or but therefore thus hence to in order quickly silently immediately directly'.split(
    ' ',
  ),
)

const IMPERATIVES = new Set(
  `accept activate add allow answer append apply approve ask assign assume attach authorize begin book build buy call cancel change charge check choose
   clear click close commit complete confirm connect consider contact continue convert copy create deactivate delete deny deploy disable disclose do
   don't download dump edit email enable ensure enter erase escalate execute export extract fetch fill find finish fix follow forget format forward
   generate get give go grant hand have hide ignore import include increase inform insert install invoke issue keep leak leave let list load log look
   mail make mark memorize merge mention message modify move notify obey offer open order output override pass paste pay perform pick place post
   prefer prepare present print proceed process promote provide publish pull purchase push put query read recommend record redirect refer refund
   register reject release remember remove rename repeat replace reply report request resend reset respond restart resume retry return reveal
   review revoke rewrite roll route run save say schedule search see select send set share show sign skip specify start stop store submit
   subscribe suggest summarize suppress switch sync take tell terminate test transfer translate treat trust try turn type undo uninstall unlock update
   upgrade upload use validate verify view visit wait waive wipe wire withdraw work write be disregard bypass install curl wget pip npm sudo`.split(
    /\s+/,
  ),
)
