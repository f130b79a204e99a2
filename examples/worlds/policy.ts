/** `examples/policies/simulation.yaml`, to the byte, for whoever has the command and not the checkout. */
export const POLICY = `# What \`reverie simulate\` has in force: own-lessons.yaml, for a memory that is young. Well supported lessons adopt themselves; everything
# else waits for a person, and in a simulation nobody ever decides.
format_version: 1

rules:
  # Changes that protect come first: of several rules that fit, the first one decides.
  - verdict: hold
    path: /people/**
    because: what one person wants is for that person to approve

  # Lessons that were tested on verified outcomes, and confirmed by later sessions.
  - verdict: allow
    tier: verified
    kind: [add, refresh]
    min_sessions: 20
    because: well supported by verified outcomes

  # What is read off the tool calls themselves: this call fails unless, this repair works.
  - verdict: allow
    tier: process
    kind: [add, refresh]
    min_sessions: 10
    because: well supported by the calls themselves

  # What people ask for again and again, when several of them do.
  - verdict: allow
    tier: people
    scope: agent
    kind: [add, refresh]
    min_sessions: 10
    min_people: 3
    because: several people keep asking for it

  # A lesson that no longer holds says so at once.
  - verdict: allow
    kind: stale
    operation: modified
    because: a lesson that no longer holds says so

  # Of copies that are equal to the byte one stays. Folds that lose a word wait for a person, whatever a rule says.
  - verdict: allow
    kind: merge
    because: the same text stands elsewhere

# A memory of two lessons is altered by a half when one of them is worded better, so as long as it is small no share is too large.
largest_share:
  dropped: 0.1
  touched: 1

protected_paths:
  - path: /policies/**
    deletion: deny

# What speaks of these needs a person, however well supported it is.
capabilities:
  credentials: deny
  network: hold
  disabling_checks: hold
  approving: hold
  payment: hold
  deletion: hold

# What adopts itself is measured: new lessons are kept from every second session that they fit, and from fewer once their effect is known.
measuring:
  new_lesson_control: 0.5
  known_lesson_control: 0.1
`
