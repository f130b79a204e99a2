import { describe, expect, test } from 'vitest'
import { observeDeadOnArrival } from '../../src/2-review/arrival-channel.ts'
import { reviewSession } from '../../src/2-review/review.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import {
  answer,
  call,
  error,
  feedback,
  result,
  SATISFIED,
  type Step,
  say,
  session,
  UNSATISFIED,
} from '../session-builder.ts'

const harness =
  (words: string): Step =>
  (id) => ({
    type: 'system.message',
    id,
    processed_at: null,
    content: [{ type: 'text', text: words }],
  })
const broken: Step = (id) => ({
  type: 'session.error',
  id,
  processed_at: null,
  error: { type: 'start_error', message: 'agent 17 could not be started' },
})
const task = say('Fix the build.')

describe('dead on arrival is a session in which the agent did nothing, and', () => {
  test.each<{ name: string; steps: Step[]; outcome?: Outcome; template: string; event: number }>([
    { name: 'an error came', steps: [task, broken], template: 'agent <n> could not be started', event: 1 },
    {
      name: 'the harness complains',
      steps: [harness('You are an agent.'), task, harness('sh: 1: mini: command not found'), harness('bye')],
      template: 'mini: command not found',
      event: 2,
    },
    {
      name: 'a tool that nobody called failed',
      steps: [task, error('disk full', 'infrastructure')],
      template: 'disk full',
      event: 1,
    },
    {
      name: 'the outcome says what went wrong',
      steps: [task],
      outcome: { ...UNKNOWN_OUTCOME, reported: 'agent_installation_failed' },
      template: 'agent_installation_failed',
      event: 0,
    },
    {
      name: 'it counts as a failure',
      steps: [task],
      outcome: UNSATISFIED,
      template: '(no message)',
      event: 0,
    },
  ])('$name', ({ steps, outcome = UNKNOWN_OUTCOME, template, event }) => {
    expect(observeDeadOnArrival({ ...session(...steps), outcome })).toEqual({
      channel: 'arrival',
      context: 'arrival',
      bad: true,
      event,
      traits: { [template]: event },
    })
  })

  test.each<{ name: string; steps: Step[]; outcome?: Outcome }>([
    { name: 'the agent said something', steps: [task, answer('Hm.'), broken], outcome: UNSATISFIED },
    { name: 'the agent called a tool', steps: [task, call('ls'), result(), broken], outcome: UNSATISFIED },
    { name: 'a person opened it and left', steps: [task] },
    { name: 'it went well', steps: [task], outcome: SATISFIED },
    {
      name: 'there was an output to judge',
      steps: [task, feedback({ kind: 'rejection', comment: 'wrong' })],
      outcome: UNSATISFIED,
    },
    { name: 'only its instructions speak of errors', steps: [harness('Report every error.'), task] },
    { name: 'nothing happened at all', steps: [], outcome: UNSATISFIED },
  ])('no session is when $name', ({ steps, outcome = UNKNOWN_OUTCOME }) => {
    expect(observeDeadOnArrival({ ...session(...steps), outcome })).toBeNull()
  })
})

test('what died on arrival is no failure of the agent: nothing else is observed of it', () => {
  const channels = (outcome: Outcome, ...steps: Step[]) =>
    reviewSession({ ...session(...steps), outcome }).map((it) => it.channel)

  expect(channels(UNSATISFIED, task, broken)).toEqual(['arrival'])
  expect(channels(UNSATISFIED, task, answer('Hm.'), broken)).toContain('session')
})
