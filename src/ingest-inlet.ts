/**
 * Bytes from one thread to another, which reads them as if they stood in a file.
 *
 * Parsers go through a transcript without ever waiting, so that nothing but their own thread can hold them up. The thread that reads
 * sleeps until the next bytes are there; the one that sends never does, and is told how much of what it sent has been read.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'

/** What the reading thread is handed. */
export type Inlet = { port: MessagePort; sent: Int32Array<SharedArrayBuffer> }

type Sent = { type: 'bytes'; bytes: Uint8Array } | { type: 'end'; is_cut: boolean }

/** Bytes that may wait to be read. */
const AHEAD_BYTES = 2 * 1024 * 1024

/** The end that is sent into. `inlet` goes to the thread that reads, its `port` as a transferred object. */
export function openInlet() {
  const { port1: port, port2 } = new MessageChannel()
  const sent = new Int32Array(new SharedArrayBuffer(4))
  let ahead = 0
  let is_closed = false
  let read = () => {}
  port.on('message', (bytes: number) => {
    ahead -= bytes
    read()
  })
  port.on('close', () => {
    is_closed = true
    read()
  })
  const send = (message: Sent) => {
    port.postMessage(message)
    Atomics.add(sent, 0, 1)
    Atomics.notify(sent, 0)
  }
  return {
    inlet: { port: port2, sent } satisfies Inlet,
    /** Resolves when there is room for more; false when nobody reads on. */
    async put(bytes: Uint8Array): Promise<boolean> {
      ahead += bytes.length
      send({ type: 'bytes', bytes })
      while (ahead > AHEAD_BYTES && !is_closed) await new Promise<void>((resolve) => (read = resolve))
      return !is_closed
    },
    /** `is_cut`: there should have been more. */
    end: (is_cut: boolean) => send({ type: 'end', is_cut }),
    /** For good; whoever waits for room waits no longer. */
    close: () => port.close(),
  }
}

/** The end that is read from, on a thread that has nothing else to do. */
export function readInlet({ port, sent }: Inlet): { chunks: Generator<Uint8Array>; is_cut: () => boolean } {
  let is_cut = false
  function* chunks(): Generator<Uint8Array> {
    try {
      for (;;) {
        // Counted before looking, so that what is sent in between is not slept through.
        const seen = Atomics.load(sent, 0)
        const received = receiveMessageOnPort(port)
        if (received === undefined) {
          Atomics.wait(sent, 0, seen)
          continue
        }
        const message: Sent = received.message
        if (message.type === 'end') {
          is_cut = message.is_cut
          return
        }
        yield message.bytes
        port.postMessage(message.bytes.length)
      }
    } finally {
      port.close()
    }
  }
  return { chunks: chunks(), is_cut: () => is_cut }
}
