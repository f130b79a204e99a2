import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

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
