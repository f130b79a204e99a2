/**
 * Exchange: the memories of a store out as files, and files in as memories, in six formats.
 *
 * A format is two functions between data and data; reading and writing files is for the doors. What a format cannot
 * hold is in `left_out`, what could not be read in `skipped`: nothing is dropped in silence. What was exported and not
 * edited comes back with the same paths and the same bytes, but for what `left_out` names.
 *
 * Text of a memory is data: whatever it says, it stays within its file or between the marks of its block, and its path
 * never leads out of the folder. An export holds memories as they stand; their older versions stay at home.
 */
import { EngineError } from '../domain/error.ts'
import { readClaudeCode, writeClaudeCode } from './claude-code.ts'
import type { ExchangeFile, Export, Exporting, Import } from './file.ts'
import { readBlock, writeBlock } from './managed-block.ts'
import { readFolder, writeFolder } from './markdown-folder.ts'
import { readMem0, writeMem0 } from './mem0.ts'
import { readSkills, writeSkills } from './skills.ts'

export type Format = 'markdown' | 'claude-code' | 'claude-md' | 'agents-md' | 'skills' | 'mem0'

const formats: Record<Format, { write: (it: Exporting) => Export; read: (files: ExchangeFile[]) => Import }> =
  {
    markdown: { write: writeFolder, read: readFolder },
    'claude-code': { write: writeClaudeCode, read: readClaudeCode },
    'claude-md': { write: writeBlock, read: readBlock },
    'agents-md': { write: writeBlock, read: readBlock },
    skills: { write: writeSkills, read: readSkills },
    mem0: { write: writeMem0, read: readMem0 },
  }

/** The memories of a store as files. `conflict_error` where that would write over what the store does not know. */
export function exportMemories(format: Format, exporting: Exporting): Export {
  return formats[format].write(exporting)
}

/** The memories in these files. Throws where the files contradict each other; what merely cannot be read is `skipped`. */
export function importMemories(format: Format, files: ExchangeFile[]): Import {
  const read = formats[format].read(files.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
  const by_path = Map.groupBy(read.memories, (it) => it.path)
  for (const [path, [first, second]] of by_path)
    if (second)
      throw new EngineError(
        'invalid_request_error',
        `${first!.file} and ${second.file} are both the memory ${path}; nothing was imported`,
        { hint: 'take one of them away' },
      )
  return read
}
