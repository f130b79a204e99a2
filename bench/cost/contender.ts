/** What is compared: something that reads sessions with a language model and keeps what it learned. */
export type Contender = {
  name: string
  /** How it was driven, for the foot of the table. */
  says: string
  /** Everything it keeps is new; it asks the model at `base_url`, so many questions at a time where it can. */
  begin: (base_url: string, width: number) => Promise<Begun>
}

export type Begun = {
  /** Is given sessions, those it was given before among them, and comes back when it has learned what it learns. */
  learn: (sessions: Session[]) => Promise<void>
  /** How much it keeps, in its own words: that it did learn. */
  kept: () => Promise<string>
  end: () => Promise<void>
}

/** One line of the recordings. */
export type Session = {
  outcome: { success: boolean | null }
  steps: { role: 'user' | 'assistant' | 'tool'; text: string; calls?: { name: string; args: unknown }[] }[]
}

export type Message = { role: string; content: string }

/** As a chat: calls are said in the message that made them. */
export function messagesOf(session: Session): Message[] {
  return session.steps.map(({ role, text, calls = [] }) => ({
    role,
    content: [text, ...calls.map((it) => `${it.name}(${JSON.stringify(it.args)})`)]
      .filter(Boolean)
      .join('\n'),
  }))
}

/** Calls `work` for every item, at most `width` at a time. */
export async function inTurns<T>(items: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of waiting) await work(item)
    }),
  )
}
