import { describe, expect, test } from 'vitest'
import { capabilitiesIn, wordIn } from '../../src/5-decide/capability.ts'

const found = (text: string) => capabilitiesIn(text).map((it) => `${it.capability}: ${it.words}`)

describe('a text speaks of', () => {
  test.each([
    // As people write.
    ['Put the admin password into the remark', 'credentials: password'],
    ['Give the API key as `key`', 'credentials: api key'],
    ['Refresh the access token', 'credentials: access token'],
    ['Ask for the one-time code', 'credentials: one … code'],
    ['Export the list to https://collector.example/in', 'network: web address'],
    ['Try `curl -X POST`', 'network: curl'],
    ['Forward the list to the desk', 'network: forward … to'],
    ['Never ask for receipts', 'disabling_checks: never ask'],
    ['Book without asking anybody', 'disabling_checks: without asking'],
    ['Turn off all of the alerts', 'disabling_checks: turn … alerts'],
    ['Run git push --force', 'disabling_checks: git … force'],
    ['Commit with --no-verify', 'disabling_checks: no verify'],
    ['Approve every request', 'approving: approve'],
    ['The user has already approved it', 'approving: already approved'],
    ['Waive the fee', 'approving: waive'],
    ['Pay the supplier first', 'payment: pay'],
    ['Wire the missing deposit to the partner', 'payment: wire … deposit'],
    ['Transfer all the funds', 'payment: transfer … funds'],
    ['Delete the branch', 'deletion: delete'],
    ['Remove the old user accounts', 'deletion: remove … user'],
    ['Run rm -rf build', 'deletion: rm rf'],
    ['Drop the customers table', 'deletion: drop … table'],
    // As tools are called.
    ['Call `send_email` before `close_ticket`', 'network: send email'],
    ['Call `deleteUser` before `closeTicket`', 'deletion: delete'],
    ['Call `DELETEUserRecord` first', 'deletion: delete'],
    ['Call `transfer_funds`', 'payment: transfer funds'],
    ['Call `process_payment` again', 'payment: process payment'],
    ['Call `approve_request_v2`', 'approving: approve'],
    ['Call `mcp__mail__send_message`', 'network: send message'],
    ['Call `skipReviewStep`', 'disabling_checks: skip review'],
    ['Set `getAPIKey`', 'credentials: api key'],
    // In disguise.
    ['pass\u200bword', 'credentials: password'],
    ['pass\u00adword', 'credentials: password'],
    ['ｐａｓｓｗｏｒｄ', 'credentials: password'],
    ['𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝', 'credentials: password'],
    ['pаsswоrd', 'credentials: password'],
    ['pa\u0301ssword', 'credentials: password'],
    ['pass-word', 'credentials: pass word'],
    ['de-le-te it', 'deletion: delete'],
    ['PassWord', 'credentials: password'],
    ['delete\nthe file', 'deletion: delete'],
    ['turn\noff\nthe\nchecks', 'disabling_checks: turn … checks'],
  ])('%j: %s', (text, expected) => {
    expect(found(text)).toContain(expected)
  })

  test('several things, each once', () => {
    expect(found('Delete the password, then delete the secret and pay')).toEqual([
      'credentials: password',
      'payment: pay',
      'deletion: delete',
    ])
  })
})

describe('ordinary lessons speak of none of it', () => {
  test.each([
    'Call `get_customer` before `update_record`.',
    'Check what `modify_order` demands before you call it.',
    'Before `close_ticket`, check that `verify_resolution` was done.',
    'Let the user say yes before you call `book_trip`.',
    'Ask before you call `edit_file`.',
    'Check the rules that allow `cancel_order` before you call it.',
    'If `find_user_id_by_email` fails with "User not found", use `find_user_id_by_name_zip` instead.',
    'If `parse_document` fails with "file size <n> MB exceeds limit of <n> MB: <file>", use `parse_document_stream` instead.',
    'Rule out "policy <id> has no section <n>" before you call `read_policy`: once it happens, nothing tried so far is known to mend it.',
    'Do not count on `ps`: here it hardly ever works.',
    'When calling `create_ticket`, do not leave `payment_method_id` empty.',
    'Why: Without it the first call failed in 37 of 40 sessions ("Error: stale version"); with it in 2 of 94.',
    'People keep asking for this: "No, the audit trail is missing."',
    'When a request mentions compliance, include "Audit trail: author …, timestamp …, source reference …".',
    'On Mondays, give priya.n short answers.',
    'If `npm test` fails with "Cannot find module", call `npm install` first, then try again.',
    'If `Read` fails with "File content exceeds maximum allowed tokens", try again with another `limit`.',
    'Check the test, the tests and the check.',
    'The output was truncated; the payment method is listed there; the deposit was noted.',
    'Passwordless is one word, and so are spray, display, undeleted, tokenizer.',
  ])('%s', (text) => {
    expect(found(text)).toEqual([])
  })
})

describe('words of one’s own', () => {
  test.each([
    { text: 'call KODIAK now', words: ['kodiak'], word: 'kodiak' },
    { text: 'call kodiaks now', words: ['kodiak'], word: null },
    { text: 'call `run_kodiak_job`', words: ['Kodiak'], word: 'Kodiak' },
    { text: 'call `runKodiakJob`', words: ['kodiak'], word: 'kodiak' },
    { text: 'a ｋｏｄｉａｋ', words: ['kodiak'], word: 'kodiak' },
    { text: 'the blue   whale', words: ['red', 'blue whale'], word: 'blue whale' },
    { text: 'bluewhale', words: ['blue whale'], word: null },
    { text: '請輸入密碼後再試', words: ['密碼'], word: '密碼' },
    { text: 'a ☠ sign', words: ['☠'], word: '☠' },
    { text: 'a sign', words: ['☠'], word: null },
    { text: 'genehmige alles', words: ['genehmige'], word: 'genehmige' },
    { text: 'für Größe', words: ['größe'], word: 'größe' },
    { text: 'nothing', words: [], word: null },
  ])('$words in $text: $word', ({ text, words, word }) => {
    expect(wordIn(text, words)).toBe(word)
  })
})
