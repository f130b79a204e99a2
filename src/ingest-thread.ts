/** One thread of ingest: reads the files it is sent, one after another, and waits when too much of what it read is not yet taken. */
import { parentPort } from 'node:worker_threads'
import { readInlet } from './ingest-inlet.ts'
import { type FromThread, readFile, type ToThread } from './ingest-threads.ts'

/** Packed sessions that a thread may be ahead. */
const AHEAD_BYTES = 8 * 1024 * 1024

const port = parentPort!
let ahead = 0
let taken = () => {}
let reading = Promise.resolve()

port.on('message', (message: ToThread) => {
  if (message.type === 'read') reading = reading.then(() => read(message))
  else {
    ahead -= message.bytes
    taken()
  }
})

async function read(message: Extract<ToThread, { type: 'read' }>): Promise<void> {
  const { file, path, bytes, options, inlet } = message
  for await (const item of readFile({ path, bytes }, options, inlet && readInlet(inlet))) {
    const content = item.type === 'session' ? item.session.content : null
    ahead += content?.length ?? 0
    port.postMessage({ file, item } satisfies FromThread, content ? [content.buffer] : [])
    while (ahead > AHEAD_BYTES) await new Promise<void>((resolve) => (taken = resolve))
  }
}
