/**
 * Files that people write in YAML: a text in, what it says out, or all that is wrong with it at once, each by line and column.
 *
 * Such a file is plain data: anchors, aliases, tags and directives are refused, and so is a text too long or too deep for a person to
 * have written. A key that is not known is never passed over.
 */
import { CST, type Document, isMap, isScalar, Lexer, parseDocument } from 'yaml'
import { z } from 'zod'

export type YamlError = { line: number; column: number; message: string; hint: string | null }

/** What such a file holds. */
export type YamlForm<T> = {
  schema: z.ZodType<T>
  noun: string
  /** Of keys within keys, at most. */
  levels: string
  /** One that it could begin with. */
  first_line: string
  /** Where what it may hold is told. */
  docs: string
  /** What to do about a value that is missing, or too small or too large, by its key. */
  hints: Record<string, string>
  /** That somebody may put a secret into it, where none belongs: then no error repeats a long text. */
  may_hold_secrets?: boolean
}

/** What the text says is null where there are errors. */
export function readYaml<T>(text: string, form: YamlForm<T>): { value: T | null; errors: YamlError[] } {
  const [value, complaints] = valueOrComplaints(text, form)
  if (complaints.length === 0) return { value, errors: [] }
  const errors = complaints.map(({ offset, message, hint }) => ({ ...placeOf(offset, text), message, hint }))
  return { value: null, errors: errors.toSorted((a, b) => a.line - b.line || a.column - b.column) }
}

/** All that is wrong with a file, a line each. */
export function errorLines(errors: YamlError[], file: string): string {
  return errors
    .map(
      ({ line, column, message, hint }) =>
        `${file}:${line}:${column}: ${message}${hint === null ? '' : ` (${hint})`}`,
    )
    .join('\n')
}

function valueOrComplaints<T>(text: string, form: YamlForm<T>): [T | null, Complaint[]] {
  const on_form = complaintsOnForm(text, form)
  if (on_form.length > 0) return [null, on_form]
  const document = parseDocument(text, { prettyErrors: false })
  const on_syntax = complaintsOnSyntax(document, form)
  if (on_syntax.length > 0) return [null, on_syntax]
  const parsed = form.schema.safeParse(document.toJS())
  if (parsed.success) return [parsed.data, []]
  return [null, parsed.error.issues.flatMap((it) => complaintsOf(it, document, form))]
}

type Complaint = { offset: number; message: string; hint: string | null }

const MAX_CHARACTERS = 100_000
const MAX_DEPTH = 8
const MAX_INDENT = 40

const NOT_DATA: Record<string, string> = {
  'directive-line': 'a directive',
  anchor: 'an anchor',
  alias: 'an alias',
  tag: 'a tag',
}

/** What is seen before a text is parsed; a parser that meets ten thousand levels takes the process with it. */
function complaintsOnForm(text: string, { noun, levels }: YamlForm<unknown>): Complaint[] {
  if (text.length > MAX_CHARACTERS)
    return [
      {
        offset: 0,
        message: `the file has ${text.length} characters`,
        hint: `a ${noun} has at most ${MAX_CHARACTERS}`,
      },
    ]
  const complaints: Complaint[] = []
  let [offset, depth, in_line, column] = [0, 0, 0, 0]
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token) ?? 'scalar'
    if (type in NOT_DATA)
      complaints.push({
        offset,
        message: `${NOT_DATA[type]} has no place in a ${noun}`,
        hint: 'write the value itself',
      })
    if (type.endsWith('-start')) depth++
    if (type.endsWith('-end')) depth--
    if (type.endsWith('-ind')) in_line++
    if (type === 'newline') [in_line, column] = [0, 0]
    if (
      depth > MAX_DEPTH ||
      in_line > MAX_DEPTH ||
      (type === 'space' && column === 0 && token.length > MAX_INDENT)
    )
      return [
        {
          offset,
          message: 'this is nested too deeply',
          hint: `no part of a ${noun} has more than ${levels} levels`,
        },
      ]
    if (!CONTROLS.has(token)) offset += token.length
    if (type !== 'newline') column += token.length
  }
  return complaints
}

/** Marks of the lexer that are not in the text. */
const CONTROLS = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR])

function complaintsOnSyntax(document: Document, { noun, first_line }: YamlForm<unknown>): Complaint[] {
  const found = [...document.errors, ...document.warnings].map((it) => ({
    offset: it.pos[0],
    message: SYNTAX[it.code]?.[0] ?? it.message,
    hint: SYNTAX[it.code]?.[1].replace('NOUN', noun) ?? null,
  }))
  if (found.length === 0 && !isMap(document.contents))
    return [{ offset: 0, message: `there is no ${noun} in it`, hint: `begin with the line "${first_line}"` }]
  return found
}

const SYNTAX: Record<string, [message: string, hint: string]> = {
  DUPLICATE_KEY: ['this key stands here for the second time', 'put both into one'],
  TAB_AS_INDENT: ['a tab cannot indent in YAML', 'use spaces'],
  MULTIPLE_DOCS: ['a second document begins here', 'a file holds one NOUN: take out the line ---'],
  BLOCK_AS_IMPLICIT_KEY: ['two keys stand on one line', 'put quotes around a text that has a colon in it'],
}

/** An issue of the schema, in words and at its place. */
function complaintsOf(issue: z.core.$ZodIssue, document: Document, form: YamlForm<unknown>): Complaint[] {
  const path = issue.path as (string | number)[]
  // One value may stand for a list of one.
  const node =
    document.getIn(path, true) ??
    (typeof path.at(-1) === 'number' ? document.getIn(path.slice(0, -1), true) : undefined)
  const offset = offsetOf(document, path)
  const complain = (message: string, hint: string | null = null) => [{ offset, message, hint }]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      offset: offsetOf(document, [...path, key], true),
      message: `there is no key ${JSON.stringify(key)} here`,
      hint: suggestion(key, keysAt(path, form)),
    }))
  const key = path.at(-1)
  if (node === undefined && typeof key === 'string')
    return complain(`${key} is missing`, form.hints[key] ?? null)
  const found = isScalar(node) ? node.value : undefined
  const written = isScalar(node)
    ? found === null
      ? 'nothing'
      : form.may_hold_secrets && String(found).length > LONGEST_SHOWN
        ? 'this text'
        : JSON.stringify(found)
    : isMap(node)
      ? 'several keys'
      : 'a list'
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.length === 1
        ? complain(
            `this has to be ${String(issue.values[0])}, not ${written}`,
            `see what this version reads in ${form.docs}`,
          )
        : complain(`${written} cannot stand here`, suggestion(String(found), issue.values.map(String)))
    case 'invalid_type':
      return complain(
        `this has to be ${EXPECTED[issue.expected] ?? issue.expected}, not ${written}`,
        form.hints[String(key)] ?? null,
      )
    case 'too_small':
    case 'too_big': {
      const [bound, limit] =
        issue.code === 'too_big' ? ['at most', issue.maximum] : ['at least', issue.minimum]
      const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : ''
      return complain(`this has to be ${bound} ${limit}${unit}`, form.hints[String(key)] ?? null)
    }
    case 'invalid_key':
      return [{ offset: offsetOf(document, path, true), message: issue.issues[0]!.message, hint: null }]
    default:
      return complain(issue.message)
  }
}

/** Of what may be a secret: keys are longer. */
const LONGEST_SHOWN = 16

const EXPECTED: Record<string, string> = {
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  array: 'a list',
  object: 'a set of keys',
}

/** Where a value stands, or the key before it; where it is missing, the nearest thing around it. */
function offsetOf(document: Document, path: (string | number)[], is_key = false): number {
  for (let n = path.length; n > 0; n--) {
    const around = document.getIn(path.slice(0, n - 1), true) ?? document.contents
    const pair = isMap(around)
      ? around.items.find((it) => isScalar(it.key) && String(it.key.value) === path[n - 1])
      : undefined
    const node =
      (is_key && n === path.length) || isEmpty(pair?.value)
        ? pair?.key
        : document.getIn(path.slice(0, n), true)
    const range = (node as { range?: number[] } | undefined)?.range
    if (range) return range[0]!
  }
  return document.contents?.range?.[0] ?? 0
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && node.source === ''
}

/** What may stand at a place of the file. */
function keysAt(path: (string | number)[], { schema }: YamlForm<unknown>): string[] {
  type Shape = { properties?: Record<string, Shape>; additionalProperties?: Shape; items?: Shape }
  let shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape
  for (const it of path)
    shape =
      (typeof it === 'number' ? shape.items : (shape.properties?.[it] ?? shape.additionalProperties)) ?? {}
  return Object.keys(shape.properties ?? {})
}

/** The one that was perhaps meant, else all of them. */
function suggestion(written: string, known: string[]): string {
  const [nearest] = known
    .map((it) => ({ it, steps: distance(written.toLowerCase(), it) }))
    .filter(({ it, steps }) => steps <= Math.ceil(it.length / 3))
    .toSorted((a, b) => a.steps - b.steps)
  return nearest ? `did you mean ${nearest.it}?` : `known are ${known.join(', ')}`
}

/** How many letters have to be put in, taken out or changed to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a.slice(0, 100)].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j]! + Number(letter !== b[j]), row[j + 1]! + 1, next[j]! + 1))
    row = next
  }
  return row[b.length]!
}

function placeOf(offset: number, text: string): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n?|\n/)
  return { line: before.length, column: before.at(-1)!.length + 1 }
}
