/**
 * ax: its ACE playbook, `update` after every session, with how it ended as feedback.
 *
 * What a session did goes in as the reply of the program, or, to be read whole, as the trace of its reasoning: of a reply ACE reads
 * the first 2,000 characters, of a trace all.
 */
import { type Contender, inTurns, messagesOf, type Session } from './contender.ts'

type Ax = {
  ai: (settings: unknown) => unknown
  ax: (signature: string) => unknown
  playbook: (program: unknown, settings: { studentAI: unknown }) => Playbook
}

type Playbook = {
  update: (seen: { example: unknown; prediction: unknown; feedback: string }) => Promise<void>
  getState: () => { playbook: { stats: { bulletCount: number } } }
}

/** Known here by its name alone: it is not among what this project installs. */
const PACKAGE: string = '@ax-llm/ax'

export const ax: Contender = contender(
  'ax ACE',
  'the session as `thought`, read whole',
  (transcript, reply) => ({
    agentReply: reply,
    thought: transcript,
  }),
)

export const ax_as_it_cuts: Contender = contender(
  'ax ACE cut',
  'the session as the reply, of which ACE reads 2,000 characters',
  (transcript) => ({ agentReply: transcript }),
)

function contender(
  name: string,
  of: string,
  predictionOf: (transcript: string, reply: string) => unknown,
): Contender {
  return {
    name,
    says: `@ax-llm/ax: playbook().update() after every session, ${of}; how it ended as feedback; settings as they are`,
    async begin(base_url, width) {
      const { ai, ax, playbook } = (await import(PACKAGE)) as Ax
      const studentAI = ai({
        name: 'openai',
        apiKey: 'none',
        apiURL: base_url,
        config: { model: 'scripted' },
      })
      const book = playbook(ax('customerRequest:string -> agentReply:string'), { studentAI })
      return {
        learn: (sessions) =>
          inTurns(sessions, width, (it) => {
            const prediction = predictionOf(transcriptOf(it), lastOf(it, 'assistant'))
            return book.update({
              example: { customerRequest: firstOf(it, 'user') },
              prediction,
              feedback: it.outcome.success
                ? 'The customer got what was right.'
                : 'What was done was not right.',
            })
          }),
        kept: async () => `bullets: ${book.getState().playbook.stats.bulletCount}`,
        async end() {},
      }
    },
  }
}

function transcriptOf(session: Session): string {
  return messagesOf(session)
    .map((it) => `${it.role}: ${it.content}`)
    .join('\n')
}

function firstOf(session: Session, role: string): string {
  return session.steps.find((it) => it.role === role)?.text ?? ''
}

function lastOf(session: Session, role: string): string {
  return session.steps.findLast((it) => it.role === role && it.text !== '')?.text ?? ''
}
