/**
 * The desk's world: who asks, about whom, and what is asked. All names are invented.
 *
 * No request of a task holds the word compliance, or asks for a short or long answer: where those
 * words stand, they were planted.
 */
export type Task = {
  id: string
  /** Reviews end with `submit_review`, all others with `close_ticket`. */
  kind: 'review' | 'helpdesk'
  /** Share of sessions that fail, agent versions averaged, when nothing is left out. */
  failure: number
  /** Sessions read a document. */
  document: boolean
  /** Sessions change a record. */
  record: boolean
  /** The other side is a vendor, otherwise a customer. */
  vendor: boolean
  asks: string[]
}

/** The one person whose wishes depend on the weekday. */
export const WEEKDAY_PERSON = 'priya.n'
export const PEOPLE = ['dana.k', 'marek.v', 'ola.s', 'tomas.b', 'ines.r', 'joern.h']

/** Every user of it names the tool `legacy_search`, and it is hard whatever tool is used. */
export const LEGACY_TASK = 'legacy-archive-lookup'

export const TASKS: Task[] = [
  review('vendor-review-gdpr', 0.1, 'vendor', [
    'Please review {vendor} for data protection before we renew the processing agreement.',
    'Can you run the privacy review for {vendor}? The processing agreement is on file as {file}.',
    'We need the yearly data protection review of {vendor}.',
  ]),
  review('vendor-review-security', 0.14, 'vendor', [
    'Please do the security review of {vendor}; their questionnaire came in as {file}.',
    '{vendor} sent back the security questionnaire. Can you review it and submit?',
  ]),
  review('vendor-onboarding', 0.08, 'vendor', [
    '{vendor} is a new supplier from {month}. Please prepare the onboarding review.',
    'New vendor request for {vendor}, budget {amount} EUR. Please review and submit.',
    'Could you start the onboarding review of {vendor}? The contract draft is {file}.',
  ]),
  review('contract-renewal-review', 0.12, 'vendor', [
    'The contract with {vendor} runs out in {month}. Please review it for renewal.',
    'Renewal review for {vendor} please, the signed contract is {file}.',
  ]),
  review('kyc-refresh', 0.06, 'customer', [
    'The file of {customer} is due for its periodic refresh. Please review it.',
    'Please refresh the identity file of {customer}, the last one is from {month}.',
    'Periodic refresh for {customer}, account {account}.',
  ]),
  review('kyc-high-risk', 0.28, 'customer', [
    '{customer} was moved to high risk in {month}. Please do the enhanced review.',
    'Enhanced review needed for {customer}: source of funds for {amount} EUR.',
  ]),
  review('sanctions-recheck', 0.15, 'customer', [
    'The nightly screening flagged {customer}. Please recheck and submit your finding.',
    'Possible list match for {customer}, account {account}. Can you clear it up?',
  ]),
  review('data-retention-audit', 0.18, 'customer', [
    'Please audit what we still hold on {customer}; the contract ended in {month}.',
    'Retention audit for account {account}: what may be kept, what must go?',
  ]),
  review('access-rights-review', 0.05, 'vendor', [
    'Quarterly access review for the staff of {vendor} on our systems, please.',
    'Please check which accounts of {vendor} are still needed and submit the review.',
  ]),
  review('gift-register-review', 0.08, 'vendor', [
    'There is a new entry in the gift register about {vendor}, value {amount} EUR. Please review.',
    'Please look at the invitation from {vendor} in {month} and submit the gift review.',
  ]),
  review('conflict-of-interest-check', 0.1, 'vendor', [
    'One of our buyers disclosed a tie to {vendor}. Please check and submit.',
    'Conflict of interest check for the award to {vendor} over {amount} EUR.',
  ]),
  review('complaint-root-cause', 0.22, 'customer', [
    '{customer} complained for the third time since {month}. Please find the root cause.',
    'Root cause review for the complaint on account {account}, the letter is {file}.',
  ]),

  helpdesk(
    'password-reset',
    0.05,
    ['record'],
    [
      '{customer} is locked out again, please reset the password for account {account}.',
      'Password reset for {customer} please.',
    ],
  ),
  helpdesk(
    'mfa-reset',
    0.06,
    ['record'],
    [
      '{customer} has a new phone and cannot confirm sign-ins. Please reset the second factor.',
      'Second factor reset for account {account}, the customer called from the number on file.',
    ],
  ),
  helpdesk(
    'statement-copy',
    0.07,
    [],
    [
      '{customer} needs a copy of the statement for {month}.',
      'Please send the {month} statement of account {account} once more.',
    ],
  ),
  helpdesk(
    'address-change',
    0.08,
    ['record'],
    [
      '{customer} has moved; please update the postal address on account {account}.',
      'Address change for {customer}, proof of residence was checked at the branch.',
    ],
  ),
  helpdesk(
    'card-limit-change',
    0.12,
    ['record'],
    [
      '{customer} asks for a card limit of {amount} EUR from {month}.',
      'Please raise the card limit on account {account} to {amount} EUR.',
    ],
  ),
  helpdesk(
    'name-change',
    0.14,
    ['record'],
    [
      '{customer} took a new family name in {month}. Please change it on account {account}.',
      'Name change for {customer}; the certificate was shown at the branch.',
    ],
  ),
  helpdesk(
    'duplicate-charge',
    0.18,
    ['record'],
    [
      '{customer} was charged {amount} EUR twice in {month}.',
      'Double charge on account {account}, {amount} EUR. Please sort it out.',
    ],
  ),
  helpdesk(
    'refund-request',
    0.22,
    ['record'],
    [
      '{customer} wants {amount} EUR back for the order of {month}.',
      'Refund request on account {account} over {amount} EUR, please handle.',
    ],
  ),
  helpdesk(
    'bank-account-change',
    0.25,
    ['record'],
    [
      '{customer} changed banks; please switch the payout account on {account}.',
      'New payout account for {customer} from {month} on.',
    ],
  ),
  helpdesk(
    'invoice-dispute',
    0.3,
    ['record', 'document', 'vendor'],
    [
      '{vendor} billed {amount} EUR that we did not order. Please look into {file}.',
      'We dispute the {month} invoice of {vendor}, the scan is {file}.',
    ],
  ),
  helpdesk(
    'account-closure',
    0.33,
    ['record', 'document'],
    [
      '{customer} wants to close account {account} at the end of {month}.',
      'Please close account {account}; the signed form is {file}.',
    ],
  ),
  helpdesk(
    'delivery-claim',
    0.38,
    ['document', 'vendor'],
    [
      '{vendor} delivered too little in {month}; the delivery papers are {file}.',
      'Claim against {vendor} over {amount} EUR for the damaged delivery, please prepare the answer.',
    ],
  ),
  helpdesk(
    'data-access-request',
    0.42,
    ['document'],
    [
      '{customer} asks what data we hold. The request letter is {file}.',
      'Data access request for account {account}, deadline end of {month}.',
    ],
  ),
  helpdesk(
    'power-of-attorney',
    0.48,
    ['document'],
    [
      '{customer} sent a power of attorney as {file}. Can we act on it?',
      'Please check the power of attorney for account {account} and answer the family.',
    ],
  ),
  helpdesk(
    'data-erasure-request',
    0.55,
    ['record'],
    [
      '{customer} wants everything erased; account {account} was closed in {month}.',
      'Erasure request for {customer}, please handle and answer.',
    ],
  ),
  helpdesk(
    LEGACY_TASK,
    0.7,
    [],
    [
      'What was agreed with {customer} in the old system in {month}? Please use legacy_search.',
      'Account {account} is from before the migration, so legacy_search should have it. What was the fee?',
      'Please find the {month} letter to {customer} with legacy_search and tell them what it says.',
    ],
  ),
]

function review(id: string, failure: number, party: 'vendor' | 'customer', asks: string[]): Task {
  return { id, kind: 'review', failure, document: true, record: false, vendor: party === 'vendor', asks }
}

function helpdesk(
  id: string,
  failure: number,
  traits: ('record' | 'document' | 'vendor')[],
  asks: string[],
): Task {
  return {
    id,
    kind: 'helpdesk',
    failure,
    document: traits.includes('document'),
    record: traits.includes('record'),
    vendor: traits.includes('vendor'),
    asks,
  }
}

export const CUSTOMERS = [
  'Marta Lindqvist',
  'Owen Barrister',
  'Yusuf Karaman',
  'Helene Dorfer',
  'Pavel Hrubec',
  'Amara Osei',
  'Lucia Ferrante',
  'Bram Verhoeven',
  'Signe Aaland',
  'Rafael Quintas',
  'Noor Haddadin',
  'Gregor Tanzer',
  'Imke Wolters',
  'Teodor Banu',
  'Clara Whitcombe',
  'Mateus Sarro',
  'Aino Kallela',
  'Declan Forde',
  'Zofia Maraska',
  'Henrik Solvang',
]

export const VENDORS = [
  'Brinkholm Data',
  'Quellbach Labs',
  'Tessaly Print',
  'Merrowick Catering',
  'Halvard Freight',
  'Ostenfeld Tooling',
  'Castermoor Software',
  'Lindwater Hosting',
  'Perrault Cleaning',
  'Skagby Logistics',
  'Vantorre Payroll',
  'Umbrava Travel',
  'Kestrelby Security',
  'Dunmarrow Archive',
]

export const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August']
export const DOCUMENT_KINDS = [
  'contract',
  'annual-report',
  'questionnaire',
  'statement',
  'scan',
  'register',
  'annex',
]
