/**
 * The person at the terminal: single keys, lines, and another program such as an editor in between.
 *
 * A key counts only when it is pressed while one is waited for: what was typed ahead, or pasted, was not meant for what is shown now.
 */
import { createInterface, emitKeypressEvents } from 'node:readline'

export type Terminal = {
  write: (text: string) => void
  /** The character, or a name: `return`, `escape`, `left`, `ctrl-c`; `ctrl-d` also where the input has ended. */
  key: () => Promise<string>
  /** What was typed up to the end of the line; null when the person gave it up. */
  line: (question: string) => Promise<string | null>
  /** Leaves the terminal to another program while `work` runs. */
  lend: <T>(work: () => T) => T
  close: () => Promise<void>
}

/** Null where one of the two is no terminal. */
export function terminalOn(
  stdin: NodeJS.ReadStream | undefined,
  stdout: NodeJS.WriteStream,
): Terminal | null {
  if (stdin?.isTTY !== true || stdout.isTTY !== true) return null
  let waiting: ((key: string) => void) | null = null
  const give = (key: string) => {
    const wait = waiting
    waiting = null
    wait?.(key)
  }
  const onKey = (text: string | undefined, key: { name?: string; ctrl?: boolean }) => give(nameOf(text, key))
  const onEnd = () => give('ctrl-d')
  const listen = () => {
    stdin.setRawMode(true)
    stdin.resume()
  }
  const stop = () => {
    stdin.setRawMode(false)
    stdin.pause()
  }
  emitKeypressEvents(stdin)
  stdin.on('keypress', onKey).on('end', onEnd)
  listen()
  return {
    write: (text) => void stdout.write(text),
    key: () =>
      stdin.readableEnded
        ? Promise.resolve('ctrl-d')
        : new Promise((resolve) => {
            waiting = resolve
          }),
    line: (question) =>
      new Promise((resolve) => {
        const lines = createInterface({ input: stdin, output: stdout, terminal: true })
        let typed: string | null = null
        lines.on('SIGINT', () => lines.close())
        lines.on('close', () => {
          listen()
          resolve(typed)
        })
        lines.question(question, (text) => {
          typed = text
          lines.close()
        })
      }),
    lend: (work) => {
      stop()
      try {
        return work()
      } finally {
        listen()
      }
    },
    close: async () => {
      stdin.off('keypress', onKey).off('end', onEnd)
      stop()
    },
  }
}

/** Asks, and takes anything but a y for no. */
export async function isYes(terminal: Terminal, question: string): Promise<boolean> {
  terminal.write(`${question} [y/N] `)
  const key = await terminal.key()
  terminal.write(`${key === 'y' || key === 'Y' ? 'yes' : 'no'}\n`)
  return key === 'y' || key === 'Y'
}

function nameOf(text: string | undefined, key: { name?: string; ctrl?: boolean }): string {
  if (key.ctrl) return `ctrl-${key.name}`
  return text !== undefined && /^[^\p{Cc}]$/u.test(text) ? text : (key.name ?? '')
}
