/** How often each name was seen, in the order they were first seen. */
export class Counts {
  private readonly counts = new Map<string, number>()

  /** Names can come out of a transcript, so they are cut to what one can count by and print. */
  add(name: unknown): void {
    const key = typeof name === 'string' && name !== '' ? name.slice(0, 80) : 'unknown'
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }

  has(name: string): boolean {
    return this.counts.has(name)
  }

  /** The first of those seen most often; null when there is none. */
  most(): string | null {
    let most: string | null = null
    for (const [name, count] of this.counts) if (most === null || count > this.counts.get(most)!) most = name
    return most
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.counts)
  }
}
