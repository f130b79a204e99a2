/**
 * Claude Code's memory folder: one Markdown file a memory, and an index, MEMORY.md, of which every session reads the
 * first 200 lines or 25 KB.
 *
 * A memory that has a name and a description already stands there as it is. Any other is put under front matter.
 * What Claude Code wrote is imported as it stands, and its MEMORY.md too, where that says more than what there is.
 */

import { z } from 'zod'
import { split } from '../domain/front-matter.ts'
import {
  type ExchangeFile,
  type Export,
  type ExportedMemory,
  type Exporting,
  fileOf,
  type Import,
  type Incoming,
  textsOf,
  withoutIndexAndAuthors,
} from './file.ts'
import { fileNames, isLitter } from './file-name.ts'
import {
  type About,
  aboutOf,
  cutTo,
  FORMAT_VERSION,
  looksWrapped,
  noteOfEdits,
  parsedMark,
  plainJson,
  unwrapped,
  wrapped,
  yamlText,
} from './front-matter.ts'

const INDEX = 'MEMORY.md'
const MAX_LINES = 200
const MAX_BYTES = 25_000

export function writeClaudeCode({ memories }: Exporting): Export {
  const { kept, left_out } = withoutIndexAndAuthors(memories)
  const names = fileNames(
    kept.map((it) => it.path),
    { taken: [INDEX], extension: '.md' },
  )
  const files = kept.map((it) => fileOf(names.get(it.path)!, inFile(it, names.get(it.path)!)))
  const { text, unlisted } = indexOf(kept, names)
  return {
    files: [...files, fileOf(INDEX, text)],
    memories: kept.length,
    left_out,
    notes:
      unlisted === 0
        ? []
        : [`${INDEX} has no room for ${unlisted} of the memories: a session finds those only by looking`],
  }
}

export function readClaudeCode(all: ExchangeFile[]): Import {
  const files = all.filter((it) => !isLitter(it.name))
  const { texts, skipped } = textsOf(files)
  const index = texts.find((it) => it.name === INDEX)
  const notes: string[] = []
  const memories = texts
    .filter((it) => it !== index && it.name.endsWith('.md'))
    .map(({ name: file, text }): Incoming => {
      const ours = unwrapped(text, file)
      if (ours === null) return { path: `/${file}`, content: text, file, earlier: null }
      const { path, content, lines } = ours
      notes.push(...noteOfEdits(file, lines, linesOf(path, content)))
      return { path, content, file, earlier: null }
    })
  const others = texts.filter((it) => !it.name.endsWith('.md'))
  if (index && !isOnlyIndex(index.text, new Set(memories.map((it) => linkTo(it.file))))) {
    memories.push({ path: `/${INDEX}`, content: index.text, file: INDEX, earlier: null })
    notes.push(`${INDEX} says more than which memories there are, so it is a memory too`)
  }
  return {
    format_version: versionIn(index?.text ?? ''),
    memories,
    skipped: [
      ...skipped,
      ...others.map((it) => ({ file: it.name, reason: 'Claude Code’s memories end in .md' })),
    ],
    notes,
  }
}

function inFile({ path, content }: ExportedMemory, file: string): string {
  const { front } = split(content)
  const is_told = /^name: *\S/m.test(front ?? '') && /^description: *\S/m.test(front ?? '')
  if (`/${file}` === path && is_told && !looksWrapped(content)) return content
  return wrapped(path, content, linesOf(path, content))
}

function linesOf(path: string, content: string): string[] {
  const about = aboutOf(path, content)
  const type = about.type ?? ''
  return [
    `name: ${yamlText(about.name)}`,
    `description: ${yamlText(descriptionOf(about))}`,
    ...(TYPES.includes(type) ? [`type: ${type}`] : OURS.includes(type) ? ['type: feedback'] : []),
  ]
}

const TYPES = ['user', 'feedback', 'project', 'reference']
const OURS = ['mistake', 'success', 'practice', 'insight']

function descriptionOf({ description, person }: About): string {
  return cutTo(`${person === null ? '' : `For ${person} alone: `}${description}`, 300)
}

function indexOf(memories: ExportedMemory[], names: Map<string, string>): { text: string; unlisted: number } {
  const mark = `${MARK}${plainJson({ format_version: FORMAT_VERSION })} -->`
  const lines = ['# Memory', '']
  let bytes = Buffer.byteLength(mark) + 100
  for (const [i, { path, content }] of memories.entries()) {
    const about = aboutOf(path, content)
    const title = cutTo(about.name.replace(/[[\]\\]/g, ' '), 100)
    const line = `- [${title}](${linkTo(names.get(path)!)}): ${cutTo(descriptionOf(about), 200)}`
    bytes += Buffer.byteLength(line) + 1
    if (lines.length >= MAX_LINES - 3 || bytes > MAX_BYTES) {
      const unlisted = memories.length - i
      return { text: [...lines, `- … and ${unlisted} more files`, '', mark, ''].join('\n'), unlisted }
    }
    lines.push(line)
  }
  return { text: [...lines, '', mark, ''].join('\n'), unlisted: 0 }
}

const MARK = '<!-- reverie:index '

function linkTo(file: string): string {
  return file
    .split('/')
    .map((it) => encodeURIComponent(it).replace(/[()]/g, (c) => (c === '(' ? '%28' : '%29')))
    .join('/')
}

/** Whether nothing is lost with it: headings, our own marks, and one line for each memory that is there. */
function isOnlyIndex(text: string, links: Set<string>): boolean {
  return text.split(/\r?\n/).every((line) => {
    const target = /^\s*[-*] \[[^\]]*\]\(<?([^)>]+)>?\)/.exec(line)?.[1]
    return (
      /^\s*$|^#+ |^- … and \d+ more files$/.test(line) ||
      line.startsWith(MARK) ||
      (target !== undefined && (links.has(target) || links.has(linkTo(target))))
    )
  })
}

function versionIn(index: string): number | null {
  const [, json] = new RegExp(`^${MARK}(.*) -->\\r?$`, 'm').exec(index) ?? []
  if (json === undefined) return null
  return parsedMark(z.object({ format_version: z.number() }), json, INDEX)?.format_version ?? null
}
