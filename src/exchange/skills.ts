/**
 * Agent Skills: a folder for each memory, with a SKILL.md whose front matter has a name, which is also that of the
 * folder, and a description. Names are made to the rules of the format; paths and front matter of ours are kept as metadata.
 *
 * Of a skill that somebody else wrote only SKILL.md is imported: scripts and other files of it are no memories.
 */
import { sha256 } from '../domain/id.ts'
import {
  type ExchangeFile,
  type Export,
  type ExportedMemory,
  type Exporting,
  fileOf,
  type Import,
  textsOf,
  withoutIndexAndAuthors,
} from './file.ts'
import { isLitter } from './file-name.ts'
import { aboutOf, cutTo, FORMAT_VERSION, noteOfEdits, unwrapped, wrapped, yamlText } from './front-matter.ts'

const FILE = 'SKILL.md'
const MAX_NAME = 64
const MAX_DESCRIPTION = 1_024

export function writeSkills({ memories }: Exporting): Export {
  const { kept, left_out } = withoutIndexAndAuthors(memories)
  const taken = new Set<string>()
  const files = kept.map((it) => {
    const name = skillName(it, taken)
    taken.add(name)
    return fileOf(`${name}/${FILE}`, wrapped(it.path, it.content, linesOf(name, it)))
  })
  return { files, memories: kept.length, left_out, notes: [] }
}

export function readSkills(all: ExchangeFile[]): Import {
  const { texts, skipped } = textsOf(all.filter((it) => !isLitter(it.name)))
  const skills = texts.filter((it) => it.name === FILE || it.name.endsWith(`/${FILE}`))
  const others = texts.filter((it) => !skills.includes(it))
  const notes: string[] = []
  let is_ours = false
  const memories = skills.map(({ name: file, text }) => {
    const folder = file.slice(0, -FILE.length - 1)
    const ours = unwrapped(text, file)
    if (ours === null) return { path: `/skills/${folder || 'skill'}.md`, content: text, file, earlier: null }
    is_ours = true
    const { path, content, lines } = ours
    const name = folder.slice(folder.lastIndexOf('/') + 1)
    notes.push(...noteOfEdits(file, lines, linesOf(name, ours)))
    return { path, content, file, earlier: null }
  })
  return {
    format_version: is_ours ? FORMAT_VERSION : null,
    memories,
    skipped: [
      ...skipped,
      ...others.map((it) => ({ file: it.name, reason: `of a skill only ${FILE} is a memory` })),
    ],
    notes,
  }
}

type Known = Pick<ExportedMemory, 'path' | 'content'>

function linesOf(name: string, { path, content }: Known): string[] {
  const { description, person } = aboutOf(path, content)
  // The format forbids tags in a description.
  const text = `${person === null ? '' : `For ${person} alone: `}${description}`.replace(/[<>]/g, '')
  return [`name: ${name}`, `description: ${yamlText(cutTo(text, MAX_DESCRIPTION) || name)}`]
}

/** Lower-case letters, digits and single hyphens, and nothing that is a device on Windows or reserved by the format. */
function skillName({ path, content }: Known, taken: Set<string>): string {
  const name = aboutOf(path, content)
    .name.normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_NAME)
    .replace(/^-|-$/g, '')
  const is_good = name !== '' && !/claude|anthropic|^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(name)
  if (is_good && !taken.has(name)) return name
  const stem = is_good ? name.slice(0, MAX_NAME - 13).replace(/-$/, '') : 'memory'
  return `${stem}-${sha256(path).slice(0, 12)}`
}
