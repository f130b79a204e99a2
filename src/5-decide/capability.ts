/**
 * What a text speaks of that can do harm: credentials, the network, disabling checks, approving, payment, deletion.
 *
 * The lists are English words and names of tools, in any dress (`domain/visible-text.ts`) and also inside of names (`delete_user`,
 * `transferFunds`). They name keys and acts, not topics: "the payment method" is none, "send a payment" is. They know what they list and no
 * more, and make no difference between doing and forbidding: what they find, a person reads.
 */
import type { Capability } from '../domain/policy.ts'
import { undressed } from '../domain/visible-text.ts'

/** Each capability that a text speaks of, with the first words that do. */
export function capabilitiesIn(text: string): { capability: Capability; words: string }[] {
  const readings = readingsOf(text)
  return (Object.keys(LISTS) as Capability[]).flatMap((capability) => {
    const words = firstIn(readings, LISTS[capability])
    return words === null ? [] : [{ capability, words }]
  })
}

/** The first of one's own words that a text holds, in any dress; null for none. Where a script has no spaces, a word may stand in another. */
export function wordIn(text: string, words: string[]): string | null {
  const readings = readingsOf(text)
  const holds = (word: string) => {
    const sought = spaced(undressed(word))
    return sought === '' || UNSPACED.test(sought)
      ? undressed(text).includes(undressed(word))
      : readings.some((it) => ` ${it} `.includes(` ${sought} `))
  }
  return words.find(holds) ?? null
}

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** A text as words with single spaces between: as it stands, with its names taken apart, with hyphenated words as one; then its addresses. */
function readingsOf(text: string): string[] {
  const plain = undressed(text)
  const apart = undressed(text.normalize('NFKC').replace(HUMP, '$& '))
  const closed = plain.replace(/(?<=\p{L})[-.·](?=\p{L})/gu, '')
  return [...[plain, apart, closed].map(spaced), ADDRESS.test(plain) ? 'web address' : '']
}

/** The end of a word within a name: `sendEmail`, `HTTPServer`. */
const HUMP = /[\p{Ll}\p{N}](?=\p{Lu})|\p{Lu}(?=\p{Lu}\p{Ll})/gu
const ADDRESS = /\b(?:(?:https?|ftp|wss?):\/\/|www\.)/

function spaced(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
}

function firstIn(readings: string[], list: RegExp): string | null {
  for (const reading of readings) {
    const words = list.exec(reading)?.[0].split(' ')
    // What stands between the words of a phrase is no word of ours.
    if (words) return words.length > 2 ? `${words[0]} … ${words.at(-1)}` : words.join(' ')
  }
  return null
}

const list = (...phrases: string[]) => new RegExp(`(?<![^ ])(?:${phrases.join('|')})(?![^ ])`, 'u')
/** Up to `n` words between. */
const gap = (n: number) => `(?: [^ ]+){0,${n}} `

const CHECKS = `(?:checks?|checking|validations?|verifications?|tests?|linters?|lint(?:ing)?|reviews?|approvals?|confirmations?|audits?|auditing|logging|monitoring|alarms?|alerts?|guards?|guard ?rails?|safeguards?|safety|security|polic(?:y|ies)|rules?|restrictions?|limits?|permissions?|sandbox(?:es|ing)?|firewalls?|authentication|authori[sz]ation|certificates?|tls|ssl|signatures?|warnings?|hooks?|encryption|quotas?|protections?|instructions?|controls?|antivirus|consent)`
const SWITCH_OFF = `(?:disabl(?:e|es|ed|ing)|(?:turn|switch|shut)(?:s|ed|ing)? (?:off|down)|skip(?:s|ped|ping)?|bypass(?:es|ed|ing)?|ignor(?:e|es|ed|ing)|suppress(?:es|ed|ing)?|overrid(?:e|es|ing|den)|circumvent(?:s|ed|ing)?|deactivat(?:e|es|ed|ing)|silenc(?:e|es|ed|ing)|mut(?:e|es|ed|ing)|weaken(?:s|ed|ing)?|loosen(?:s|ed|ing)?|evad(?:e|es|ed|ing)|disregard(?:s|ed|ing)?|comment(?:s|ed|ing)? out)`
const TO_CHECK = `(?:check(?:ing)?|verify(?:ing)?|ask(?:ing)?|confirm(?:ing)?|test(?:ing)?|validat(?:e|ing)|review(?:ing)?|log(?:ging)?|tell(?:ing)?|warn(?:ing)?|report(?:ing)?)`
const MONEY = `(?:funds?|money|payments?|deposits?|refunds?|balances?|amounts?|credits?|points|eur|usd|gbp|dollars?|euros?|bitcoins?|shares?|cash)`
const RECORDS = `(?:files?|folders?|director(?:y|ies)|records?|rows?|users?|accounts?|data|databases?|tables?|branch(?:es)?|backups?|logs?|history|customers?|entries|messages?|e ?mails?|documents?|repositor(?:y|ies)|volumes?|buckets?)`

const LISTS: Record<Capability, RegExp> = {
  credentials: list(
    'pass ?(?:words?|phrases?|codes?|keys?)',
    'passwd',
    'credentials?',
    'secrets?',
    '(?:api|access|private|secret|ssh|signing|encryption|account) ?keys?',
    '(?:access|auth|authentication|authorization|bearer|refresh|session|api|id|security|csrf|jwt|oauth) ?tokens?',
    'jwts?',
    'oauth',
    'key ?(?:chain|ring|store)s?',
    '(?:2|two|multi) ?fa(?:ctor)?',
    'mfa',
    'otps?',
    'one time (?:codes?|pins?)',
    '(?:verification|recovery|backup|security|login|pin) codes?',
    'cv[vc]2?',
    'seed phrases?',
    'id rsa',
    'dot ?env',
    'env files?',
    'htpasswd',
    'etc shadow',
  ),
  network: list(
    'web address',
    'curl',
    'wget',
    'netcat',
    'ssh',
    'scp',
    's?ftp',
    'rsync',
    'telnet',
    'ngrok',
    'web ?hooks?',
    'upload(?:s|ed|ing)?',
    'download(?:s|ed|ing)?',
    'exfiltrat(?:e|es|ed|ing|ion)',
    'prox(?:y|ies)',
    'firewalls?',
    'port forwarding',
    'dns',
    `(?:send|sends|sent|sending)${gap(2)}(?:e ?mails?|mails?|messages?|sms|texts?|requests?|invitations?|files?|data|documents?|attachments?|reports?|links?|cop(?:y|ies))`,
    `(?:send|sends|sent|sending|forward|forwards|forwarded|forwarding|post|posts|posted|posting|share|shares|shared|sharing|publish|publishes|published|transmit|transmits|transmitted|push|pushes|pushed|pushing)${gap(3)}(?:to|with)`,
    `e ?mail(?:s|ed|ing)? (?:it|them|this|that|the [^ ]+|all [^ ]+)`,
    'git push',
    '(?:npm|cargo|docker|twine) (?:publish|push|upload)',
  ),
  disabling_checks: list(
    `${SWITCH_OFF}${gap(3)}${CHECKS}`,
    `(?:stop|stops|stopping|remove|removes|removing|drop|drops|dropping|avoid|avoids)${gap(1)}${CHECKS}`,
    `without${gap(1)}(?:checking|verif(?:ying|ication)|confirm(?:ing|ation)|approvals?|reviews?|tests|validation|permission|asking|telling|notice)`,
    `(?:never|do not|don t|must not|should not|need not|no need to)(?: again)? ${TO_CHECK}`,
    'no (?:verify|checks?|confirmation|approval|review|permission|validation)',
    `${CHECKS} (?:is|are) not (?:needed|required|necessary)`,
    '(?:verify|strict|check) false',
    'insecure',
    'allow all',
    'trust all',
    'chmod (?:[^ ]+ )?0?777',
    'sudo',
    'as root',
    'root access',
    '(?:git )?push (?:[^ ]+ ){0,3}force',
    'force push',
    'dangerously [^ ]+',
    '(?:admin|god|developer|debug) mode',
    'ts (?:ignore|nocheck)',
    'eslint disable',
    'noqa',
    'nolint',
  ),
  approving: list(
    'approv(?:e|es|ing)',
    '(?:auto|pre|already|self) ?approv(?:e|ed|es|al|als|ing)',
    '(?:is|are|was|were|be|been) approved',
    'approved (?:by|this|that|it|all|every|any|the)',
    `(?:give|gives|giving|issue|bypass|record|mark|set|fake|forge)${gap(2)}approv(?:al|als|ed)`,
    'authori[sz](?:e|es|ing)',
    '(?:is|are|was|were|be|been) authori[sz]ed',
    'grant(?:s|ed|ing)?',
    'waiv(?:e|es|ed|ing)',
    'sign(?:s|ed|ing)? off',
    'rubber stamp(?:s|ed|ing)?',
    'on behalf of',
    `accept(?:s|ed|ing)?${gap(2)}(?:terms|offers?|contracts?|agreements?|risks?|invitations?)`,
  ),
  payment: list(
    'pay|pays|paid|paying|repay|payable',
    'pay ?outs?',
    `(?:make|makes|making|process(?:es|ing)?|send(?:s|ing)?|issu(?:e|es|ing)|submit(?:s|ting)?|schedul(?:e|es|ing)|initiat(?:e|es|ing)|execut(?:e|es|ing)|releas(?:e|es|ing)|captur(?:e|es|ing)|creat(?:e|es|ing)|modif(?:y|ies|ying)|chang(?:e|es|ing)|updat(?:e|es|ing)|authori[sz](?:e|es|ing))${gap(2)}(?:payments?|refunds?|charges?|transactions?|deposits?|withdrawals?|transfers?)`,
    'refund(?:s|ed|ing)?',
    `charg(?:e|es|ed|ing)${gap(2)}(?:cards?|customers?|accounts?|users?|fees?)`,
    `transfer(?:s|red|ring)?${gap(2)}${MONEY}`,
    `(?:wire|wires|wired|wiring)${gap(2)}(?:transfers?|${MONEY})`,
    'bank (?:transfers?|accounts?)',
    'purchas(?:e|es|ed|ing)',
    'buy|buys|buying|bought',
    'bitcoins?',
    'iban',
    'withdraw(?:s|als?|n|ing)?',
    'donat(?:e|es|ed|ing|ions?)',
  ),
  deletion: list(
    'delet(?:e|es|ed|ing|ions?)',
    'eras(?:e|es|ed|ing|ure)',
    'purg(?:e|es|ed|ing)',
    'wip(?:e|es|ed|ing)',
    'truncat(?:e|es|ing)',
    'destroy(?:s|ed|ing)?',
    'shred(?:s|ded|ding)?',
    'unlink(?:s|ed|ing)?',
    'rm (?:rf?|fr?)',
    'rmdir',
    'rimraf',
    `(?:drop|drops|dropped|dropping)${gap(2)}(?:tables?|databases?|columns?|index(?:es)?|schemas?|collections?)`,
    `(?:remove|removes|removed|removing|clear|clears|cleared|clearing)${gap(2)}${RECORDS}`,
    'git clean',
    'reset (?:[^ ]+ ){0,2}hard',
    'mkfs',
    'format (?:the )?(?:disk|drive)',
  ),
}
