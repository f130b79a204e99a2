import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, posix, win32 } from 'node:path'

/** Where Reverie keeps what is its own on this machine. It writes nowhere else unless it is told to. */
export function dataFolder(
  env: Record<string, string | undefined> = process.env,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  const { join } = platform === 'win32' ? win32 : posix
  switch (platform) {
    case 'win32':
      return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'reverie')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'reverie')
    default:
      return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'reverie')
  }
}

/** Where models are configured: where REVERIE_MODELS says, else in the data folder, where there is such a file. */
export function modelsFile(env: Record<string, string | undefined> = process.env): string | undefined {
  if (env.REVERIE_MODELS) return env.REVERIE_MODELS
  const usual = join(dataFolder(env), 'models.yaml')
  return existsSync(usual) ? usual : undefined
}
