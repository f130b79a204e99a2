/** Patterns of paths: `*` stands for anything within a name, `**` for any folders, none included, `?` for one character. */
export function fitsGlob(glob: string, text: string): boolean {
  const source = glob.replace(
    /\*{2,}\/|\*{2,}|[*?.+^$()|[\]{}\\]/g,
    (it) => PARTS[it.replace(/\*{2,}/, '**')] ?? `\\${it}`,
  )
  return new RegExp(`^${source}$`, 'su').test(text)
}

const PARTS: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }
