/** A process that runs command lines one after the other, as `main.ts` runs one, and sends what each of them answered. */
import { run } from '../../src/cli/run.ts'

export type Ran = { exit_code: number; said: string }

process.on('message', async (argv: string[]) => {
  let said = ''
  const stream = { write: (text: string) => (said += text) } as unknown as NodeJS.WriteStream
  const exit_code = await run(argv, { stdout: stream, stderr: stream })
  process.send!({ exit_code, said } satisfies Ran)
})
