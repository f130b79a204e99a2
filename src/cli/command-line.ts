/**
 * How this command line is called here, so that every command we print works as it stands: the name alone where
 * it is installed, through npm from a checkout, through npx where npx brought it.
 */
import { basename, join, sep } from 'node:path'

export function commandName(
  env: Record<string, string | undefined> = process.env,
  script: string = process.argv[1] ?? '',
  folder: string = import.meta.dirname,
): string {
  const is_installed = folder.split(sep).includes('node_modules')
  if (is_installed) return env.npm_lifecycle_event === 'npx' ? 'npx reverie' : 'reverie'
  // `npm link` puts a link of this name on the PATH.
  return basename(script) === 'reverie' ? 'reverie' : 'npm run -s reverie --'
}

/** The file that starts this Reverie, from anywhere. The bundle stands in one folder, a source in two. */
export function binary(folder: string = import.meta.dirname): string {
  return join(folder, basename(folder) === 'dist' ? '..' : '../..', 'bin', 'reverie.js')
}

/** The same command for the next page. */
export function nextPage(argv: string[], token: string): string[] {
  const without = argv.filter(
    (it, i) => it !== '--page' && argv[i - 1] !== '--page' && !it.startsWith('--page='),
  )
  return [...without, '--page', token]
}

/** One word of a command, quoted where a shell would take it apart. */
export function quoted(word: string, platform: string = process.platform): string {
  if (/^[\w@%+=:,./~-]+$/.test(word) && !word.startsWith('~')) return word
  if (platform === 'win32') return /^[\w@+=:,./\\-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`
  return `'${word.replaceAll("'", "'\\''")}'`
}
