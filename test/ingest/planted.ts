/**
 * Transcripts with secrets and personal data planted in every place that a transcript has: for the test that nothing of it is
 * written anywhere.
 *
 * They are our fixtures, of every harness, with something planted behind every text, and in the inputs of tools also as a key.
 * The same text gets the same plant, so ids that name each other still do.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))

export class Plants {
  /** Every value that was planted: none of them may be seen again. */
  readonly values = new Set<string>()
  /** Texts with a plant in them, as they were written. */
  readonly texts = new Set<string>()
  readonly names: string[] = []
  private readonly by_text = new Map<string, string>()

  /** What is written behind `text`; another value, and another kind of it, for each text. */
  behind(text: string): string {
    const known = this.by_text.get(text)
    if (known !== undefined) return known
    const n = this.by_text.size + 1
    const kind = KINDS[n % KINDS.length]!
    const { value, before = '' } = kind(n)
    this.values.add(value)
    if (kind === name) this.names.push(value)
    this.by_text.set(text, before + value)
    return before + value
  }

  /** Files of the fixtures with plants, and of each a damaged one, which is mostly not read. */
  writeFixtures(folder: string): void {
    for (const path of globSync('*/**/*.jsonl', { cwd: fixtures })) {
      const lines = readFileSync(join(fixtures, path), 'utf8')
        .split('\n')
        .filter((it) => it !== '')
      const name = `${basename(path, '.jsonl')} ${this.behind(path).replaceAll('/', '')}.jsonl`
      const target = join(folder, dirname(path), name)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, lines.map((it) => `${this.planted(it)}\n`).join(''))
      writeFileSync(join(dirname(target), `damaged ${name}`), this.damaged(lines).join('\n'))
    }
  }

  private withPlant(text: string): string {
    const whole = `${text} ${this.behind(text)}`
    this.texts.add(whole)
    return whole
  }

  private planted(line: string): string {
    return JSON.stringify(this.inside(JSON.parse(line), ''))
  }

  private inside(value: unknown, key: string): unknown {
    if (typeof value === 'string') {
      if (STRUCTURE.test(key)) return value
      const inner = value.startsWith('{') ? parsed(value) : undefined
      return inner === undefined ? this.withPlant(value) : JSON.stringify(this.inside(inner, 'input'))
    }
    if (Array.isArray(value)) return value.map((it) => this.inside(it, key))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([name, it]) => [name, this.inside(it, name)])
    if (INPUT.test(key))
      entries.push([this.behind(`a key of ${JSON.stringify(value)}`), { card: 1, deep: [true] }])
    return Object.fromEntries(entries)
  }

  /** What no parser can make sense of: types it does not know, lines that are torn, values where others belong. */
  private damaged(lines: string[]): string[] {
    return lines.flatMap((line) => {
      const value = JSON.parse(line)
      const plant = this.behind(`damage in ${line}`)
      return [
        JSON.stringify({ ...value, type: plant, role: plant, id: plant, uuid: plant, timestamp: plant }),
        JSON.stringify({ ...value, [plant]: plant, steps: { [plant]: 1 }, messages: [{ role: plant }] }),
        `${line.slice(0, -2)} ${plant}`,
        `# ${plant}`,
        plant,
        line,
      ]
    })
  }
}

/** What a parser goes by, and would not read the line without. */
const STRUCTURE =
  /^(?:type|role|kind|subtype|status|record_type|object|stop_reason|.*_at|ts|timestamp|created|level|mode)$/
const INPUT = /^(?:input|args|arguments)$/

type Plant = { value: string; before?: string }

const KINDS: ((n: number) => Plant)[] = [secret, email, phone, card, iban, nationalId, ip, name]

/** The same of one number, and looking like chance. */
function made(n: number, length: number, alphabet: string): string {
  return Array.from(
    { length },
    (_, i) => alphabet[(n * 31 + i * 37 + ((i * i + n) % 11) * 5) % alphabet.length],
  ).join('')
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz'

function secret(n: number): Plant {
  return { value: `ghp_${made(n, 20, `${LOWER}0123456789`)}${String(n).padStart(16, '0')}` }
}

function email(n: number): Plant {
  return { value: `${made(n, 6, LOWER)}${n}@leak.example.com` }
}

function phone(n: number): Plant {
  return { value: `+44 7700 ${900_000 + n}` }
}

function card(n: number): Plant {
  const digits = `4${String(n).padStart(14, '0')}`
  const check = Array.from('0123456789').find((it) => luhn(digits + it) % 10 === 0)!
  return { value: (digits + check).replace(/(.{4})(?=.)/g, '$1 ') }
}

function luhn(digits: string): number {
  return Array.from(digits).reduceRight((sum, digit, i) => {
    const twice = (digits.length - i) % 2 === 0 ? 2 * Number(digit) : Number(digit)
    return sum + (twice > 9 ? twice - 9 : twice)
  }, 0)
}

function iban(n: number): Plant {
  const account = String(37_040_044_000_000_000n + BigInt(n) * 1_000_003n).padStart(18, '0')
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return { value: `DE${String(check).padStart(2, '0')}${account}` }
}

function nationalId(n: number): Plant {
  return { value: `219-09-${1_000 + n}`, before: 'SSN ' }
}

function ip(n: number): Plant {
  return { value: `203.0.${n >> 8}.${n & 255}` }
}

function name(n: number): Plant {
  const word = (seed: number) => made(seed, 5, LOWER).replace(/^./, (it) => it.toUpperCase())
  return { value: `${word(n)} ${word(n * 7 + 3)}ov` }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A text that only begins like JSON is a text like any other.
    return undefined
  }
}
