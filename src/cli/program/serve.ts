import { type Command, Option } from 'commander'
import { portNumber, rateLimit } from '../option-values.ts'
import { each, type Perform, redacting } from './command-parts.ts'

export function addServe(reverie: Command, perform: Perform): void {
  redacting(reverie.command('serve'))
    .description('answer over HTTP, as the Managed Agents API and more, until it is ended')
    .addOption(
      new Option('--host <address>', 'where to listen; other machines reach what is no loopback address')
        .env('REVERIE_HOST')
        .default('127.0.0.1'),
    )
    .addOption(
      new Option('--port <n>', 'and on which port; 0 for one that is free')
        .env('REVERIE_PORT')
        .argParser(portNumber)
        .default(4777),
    )
    .option('--public-host <name>', 'a name it is called by behind a proxy, once for each', each)
    .option('--allow-private-webhooks', 'webhooks may go to this machine and its network')
    .option('--rate-limit <n>', 'requests a second for each key; 0: as many as come', rateLimit, 100)
    .addOption(
      new Option('--log-level <level>', 'what is logged, as JSON lines on stderr')
        .choices(['error', 'warn', 'info', 'debug', 'silent'])
        .default('info'),
    )
    .addHelpText(
      'after',
      `
Programs written for hosted Dreams run against it with its address as base URL.
Where nobody has a key yet, it makes one and prints it, once. An address that
other machines reach is refused until somebody has a key with the role admin.
Secrets are removed from what is put in, and personal data where it is asked.
docs/server.md says more: keys, limits, proxies, backups.

Examples:
  $ reverie serve
  $ reverie serve --redact email,phone --names staff.txt
  $ reverie serve --host 0.0.0.0 --port 8080`,
    )
    .action((options) => perform(async (call) => (await import('../commands/serve.ts')).serve(call, options)))
}
