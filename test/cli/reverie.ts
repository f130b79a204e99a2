import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
/** Halves the time to start, and is outside of every home. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/reverie-test', import.meta.url))

export type Ended = { stdout: string; stderr: string; exit_code: number | null }

/** Runs the real command line in a process of its own, which knows of no home but the one it is given. */
export async function reverie(
  args: string[],
  { home, env = {} }: { home: string; env?: Record<string, string> },
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { stdout, stderr, exit_code: child.exitCode }
}

/** The document that a command answers in JSON mode. Anything else on stdout is an error. */
export async function reverieJson(args: string[], world: { home: string; env?: Record<string, string> }) {
  const { stdout } = await reverie([...args, '--json'], world)
  return JSON.parse(stdout)
}
