import type { Alert } from '../domain/alert.ts'
import { type TallyRow, totalOf } from '../domain/tally.ts'

const MIN_SESSIONS = 3

/**
 * Dead on arrival: sessions in which the agent never did anything, at least three of them with the same error.
 *
 * That is for whoever runs the agent, never a lesson: the agent was not there to make a mistake.
 */
export function deadOnArrival(contexts: Map<TallyRow, TallyRow[]>): Alert[] {
  return [...contexts.values()]
    .flat()
    .filter((it) => totalOf(it)[1] >= MIN_SESSIONS)
    .sort((a, b) => totalOf(b)[1] - totalOf(a)[1] || (a.trait < b.trait ? -1 : 1))
    .map((row) => {
      const sessions = totalOf(row)[1]
      return {
        type: 'dead_on_arrival',
        text: `${sessions} sessions ended before the agent did anything${how(row.trait)}${lastSeen(row)}. Check how the agent is installed and started; these sessions count neither for it nor against it.`,
        sessions,
        sightings: row.sightings.bad,
      }
    })
}

function how(template: string): string {
  return template === '(no message)'
    ? ', without a word why'
    : `, all with "${template.replaceAll('"', "'")}"`
}

/** Of old alerts, too, one can see that they are old. */
function lastSeen({ weeks }: TallyRow): string {
  const week = Math.max(...Object.keys(weeks).map(Number))
  return week < 0 ? '' : `, last in the week of ${new Date(week * WEEK_MS).toISOString().slice(0, 10)}`
}

const WEEK_MS = 7 * 86_400_000
