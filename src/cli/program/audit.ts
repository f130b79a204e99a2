import type { Command } from 'commander'
import { helpOfGroup, type Perform, paged } from './command-parts.ts'

export function addAudit(reverie: Command, perform: Perform): void {
  const audit = reverie.command('audit').helpCommand(false).description('what happened, who did it and why')
  const list = paged(
    audit.command('list', { isDefault: true }).description('every change of state, the latest first'),
  )
    .addHelpText(
      'after',
      `
Examples:
  $ reverie audit
  $ reverie audit list --limit 5`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/audit.ts')).listAudit(call, options)),
    )
  audit
    .command('export')
    .description('write the whole log into a new file, one JSON record a line')
    .argument('<file>', 'a file that is not there yet')
    .addHelpText(
      'after',
      `
Examples:
  $ reverie audit export audit.jsonl`,
    )
    .action((file) => perform(async (call) => (await import('../commands/audit.ts')).exportAudit(call, file)))
  audit
    .command('verify')
    .description('check that no record was changed, removed or moved')
    .option('--head <hash>', 'a head noted earlier: the log must lead through it')
    .option('--signature <file>', 'a head signed earlier, as `audit sign` wrote it')
    .option('--public-key <file>', 'the key to check the signature with')
    .addHelpText(
      'after',
      `
Each record carries a hash over itself and the record before. The first one that
is not as it was written is named, and the exit code is then 1. So it is where
the log does not lead through a head that was noted or signed.

Examples:
  $ reverie audit verify
  $ reverie audit verify --signature head.json --public-key audit.key.pub`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/audit.ts')).verifyAudit(call, options)),
    )
  audit
    .command('keygen')
    .description('make a key to sign the log with')
    .argument('<file>', 'where the private key goes; the public one gets .pub added')
    .addHelpText(
      'after',
      `
An Ed25519 key. Only you can read the private half, and it never gets into the
database. Keep it where those who can write to the database cannot reach it.

Examples:
  $ reverie audit keygen audit.key`,
    )
    .action((file) => perform(async () => (await import('../commands/audit.ts')).newKey(file)))
  audit
    .command('sign')
    .description('sign the head of the log, which vouches for all of it')
    .requiredOption('--key <file>', 'the private key')
    .option('--out <file>', 'a new file for the signed head (default: it is printed)')
    .addHelpText(
      'after',
      `
A log that is not as it was written is not signed.

Examples:
  $ reverie audit sign --key audit.key --out head.json`,
    )
    .action((options) =>
      perform(async (call) => (await import('../commands/audit.ts')).signAudit(call, options)),
    )
  helpOfGroup(audit, list)
}
