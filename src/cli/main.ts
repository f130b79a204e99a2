/** The command line. Everything is in `run.ts`; here it meets the process. */
import { run } from './run.ts'

// `reverie lessons | head` ends when head has seen enough, and that is no failure.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })

process.exitCode = await run(process.argv.slice(2), process)
