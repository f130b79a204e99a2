/**
 * Stated: of what a tool said about an error, the words that a lesson may repeat.
 *
 * An error says what is wrong, and often what to do about it. Only the first is repeated: what to do is for the lesson to say, and
 * anybody who can make a tool fail could say it. So a text is cut into clauses, and of the clauses the first run is kept in
 * which each says in English that something is wrong, and none speaks to its reader. What is left is a few words for
 * recognising the error by; the text itself stays with the evidence.
 */
import { readsLikeAnOrder } from '../domain/order.ts'
import { isDisguised, undressed, visible } from '../domain/visible-text.ts'

/** Longer clauses are prose. */
const MOST_WORDS = 24
const LONGEST_WORD = 44

/** Null where nothing is left. Without quotation marks and backticks, so that it can stand between them. */
export function statedIn(text: string): string | null {
  const plain = visible(text.slice(0, TEXT_LIMIT))
    .replace(/["“”„«»]/g, "'")
    .replace(/`/g, "'")
    .replace(/<!--|-->|[\\|]/g, ' ')
  if (isDisguised(text)) return null
  const clauses = plain.split(CLAUSE_END)
  const first = clauses.findIndex((it) => isStatement(it) && !NO_WORDS.test(it))
  if (first === -1) return null
  const rest = clauses.slice(first)
  const end = rest.findIndex((it) => !isStatement(it))
  const kept = (end === -1 ? rest : rest.slice(0, end)).join('')
  return kept.replace(/^[\s,;:–—-]+|[\s,;:–—-]+$/g, '').replace(/(?<=\w{2})\.$/, '') || null
}

const TEXT_LIMIT = 1_000
/** The mark that ends a clause stays with it. */
const CLAUSE_END = /(?<=[.!?;:,…](?=\s))|(?<=\s[–—-](?=\s))|(?<=[.!?](?=\p{Lu}\p{Ll}))|(?<=\))(?=\s\p{Lu})/u
const NO_WORDS = /^(?:\P{L}|<\w+>)*$/u

function isStatement(clause: string): boolean {
  const words = undressed(clause).match(/[\p{L}\p{N}<>…'/_.@-]+/gu) ?? []
  if (words.length > MOST_WORDS || words.some((it) => it.length > LONGEST_WORD) || NAMES_A_PLACE.test(clause))
    return false
  if (readsLikeAnOrder(clause) || isImperative(words)) return false
  if (SECRET.test(clause) && words.length > 6) return false
  // The name of a program, a field or an exception, and what has no words at all.
  return (
    words.length <= 1 ||
    words.every((it) => !/\p{L}{2}/u.test(it) || /^<\w+>$/.test(it)) ||
    SAYS_WRONG.test(undressed(clause))
  )
}

/** An address that is not masked: a template has `<url>` in its place. */
const NAMES_A_PLACE =
  /https?:|www\.|@[\w-]+\.\w|\b[\w-]+\.(?:com|net|org|io|dev|app|xyz|info|biz|example|onion|link|click|ru|cn|top)\b/i
const SECRET = /passwor[dt]|passphrase|credential|api[ _-]?key|secret|private key|token\b/i

const SAYS_WRONG =
  /\b(?:no|not|none|non|nothing|cannot|neither|nor|\w+n't|err|error\w*|\w*(?:error|exception|fault|failure)|fail\w*|fatal|crash\w*|abort\w*|panic\w*|invalid\w*|illegal|incorrect|incompatible|insufficient|inaccessible|inactive|incomplete|inconsistent|un\w{3,}|mis\w{3,}|bad|wrong|broken|corrupt\w*|malformed|denied|den(?:y|ies)|refus\w*|reject\w*|forbidden|prohibited|expired?|exceed\w*|conflict\w*|already|too|must|should|only|required?|requires|lacks?|needs?|exact\w*|expect\w*|unless|timed|time-?outs?|limit\w*|quota|full|closed|locked|empty|blank|duplicate\w*|exists?|out of|overflow\w*|stale|stopped|killed|blocked|lost|late|below|above|more than|less than|greater|smaller|short|low|different|differs?|reset|gone|void|obsolete|deprecated|overdue|unable|declined|canceled|cancelled|interrupted|disabled|offline|down)\b/

/** Whether it begins with a verb that tells to do something, and not with a thing that went wrong ("transfer failed"). */
function isImperative(words: string[]): boolean {
  const start = words.findIndex((it) => !BEFORE_AN_ORDER.has(it))
  const [verb, next, after] = words.slice(Math.max(start, 0))
  if (verb === undefined || next === undefined || !IMPERATIVES.has(verb)) return false
  return (
    OBJECT.test(next) ||
    ![next, after ?? ''].some(
      (it) => SAYS_WRONG.test(it) || /^(?:is|was|has|of|in|for|id|name|type|code)$/.test(it),
    )
  )
}

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
