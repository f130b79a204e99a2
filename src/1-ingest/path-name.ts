/** The last part of a path of any system, an empty string when it has none: `/home/a/acme-api/` is `acme-api`. */
export function lastPart(path: string): string {
  return path.split(/[/\\]/).findLast((it) => it !== '') ?? ''
}

/** The name of a file without folder and extension. */
export function stem(path: string): string {
  return lastPart(path).replace(/\.[^.]*$/, '')
}
