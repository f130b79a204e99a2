/** The thread that mines a tally: takes its rows, and answers with what is in them. */
import { parentPort } from 'node:worker_threads'
import { mine } from './3-mine/mine.ts'
import { rowKey, type Tally, type TallyRow } from './domain/tally.ts'
import type { ToMineThread } from './mine-on-thread.ts'

const port = parentPort!
const tally: Tally = new Map()

port.on('message', (message: ToMineThread) => {
  if (message.type === 'mine') port.postMessage(mine(tally, message.since))
  else
    for (const row of JSON.parse(message.json) as TallyRow[]) tally.set(rowKey(row.context, row.trait), row)
})
