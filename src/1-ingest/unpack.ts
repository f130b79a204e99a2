/**
 * Bytes as they were sent in; the bytes of a transcript out, unpacked where they are compressed.
 *
 * What was compressed with gzip or zstd is recognised by how it begins, and unpacked as it arrives, however often it was put together
 * from parts. Where the bytes end too soon, or are damaged, all that could be unpacked before is given first.
 */
import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import { EngineError } from '../domain/error.ts'

export type Packing = 'gzip' | 'zstd'

/** Thrown where there should have been more bytes, or others; the message says why. What came before was given. */
export class CutOff extends Error {
  constructor(why: string, cause?: unknown) {
    super(why, { cause })
    this.name = 'CutOff'
  }
}

/**
 * Besides what the sender says it is packed in, null for nothing, it may be a compressed file.
 *
 * Throws `CutOff`, and `invalid_request_error` where the bytes are not what the sender says.
 */
export async function* unpacked(
  bytes: AsyncIterable<Uint8Array>,
  packing: Packing | null,
): AsyncGenerator<Uint8Array> {
  const [as_said, said] = await packingOf(bytes)
  if (packing !== null && said !== packing)
    throw new EngineError('invalid_request_error', `the body is not compressed with ${packing}`, {
      hint: 'leave out content-encoding, or compress the body as it says; a file that is compressed needs none',
    })
  if (packing === null) return yield* said === null ? as_said : unpack(as_said, said)
  const [inner, found] = await packingOf(unpack(as_said, packing))
  yield* found === null ? inner : unpack(inner, found)
}

const BEGINNINGS: [Packing, Buffer][] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
]
const LONGEST_BEGINNING = 4

const make: Record<Packing, () => Gunzip | ZstdDecompress> = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  zstd: () =>
    createZstdDecompress({
      chunkSize: CHUNK_BYTES,
      // A frame may ask for a window of 2 GB otherwise.
      params: { [constants.ZSTD_d_windowLogMax]: 27 },
    }),
}
const CHUNK_BYTES = 64 * 1024

/** The same bytes, and what they are packed in; null for nothing that we know. */
async function packingOf(
  bytes: AsyncIterable<Uint8Array>,
): Promise<[AsyncGenerator<Uint8Array>, Packing | null]> {
  const rest = bytes[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let size = 0
  let failure: unknown
  while (size < LONGEST_BEGINNING) {
    try {
      const next = await rest.next()
      if (next.done) break
      held.push(next.value)
      size += next.value.length
    } catch (error) {
      failure = error
      break
    }
  }
  const start = Buffer.concat(held)
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* held
      if (failure !== undefined) throw failure
      for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
    } finally {
      await rest.return?.()
    }
  }
  return [all(), beginningOf(start)]
}

function beginningOf(bytes: Buffer): Packing | null {
  return BEGINNINGS.find(([, magic]) => bytes.subarray(0, magic.length).equals(magic))?.[0] ?? null
}

/** One frame after another; zeros between them, and at the end, are padding. */
async function* unpack(packed: AsyncGenerator<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
  let left: Uint8Array | null = new Uint8Array(0)
  try {
    while (left !== null) {
      const start: number = left.findIndex((it) => it !== 0)
      if (start === -1) {
        const next = await packed.next()
        left = next.done ? null : next.value
      } else left = yield* unpackFrame(packed, packing, left.subarray(start))
    }
  } finally {
    await packed.return(undefined)
  }
}

/**
 * One frame; Node knows no second one of zstd. What is left of the last bytes after its end is returned, null at the end of all.
 */
async function* unpackFrame(
  packed: AsyncGenerator<Uint8Array>,
  packing: Packing,
  first: Uint8Array,
): AsyncGenerator<Uint8Array, Uint8Array | null> {
  const unzip = make[packing]()
  let failure: unknown
  let failure_of_source: unknown
  let has_ended = false
  let wake = () => {}
  unzip.on('readable', () => wake())
  unzip.on('end', () => {
    has_ended = true
    wake()
  })
  unzip.on('error', (error) => {
    failure ??= error
    wake()
  })
  const write = (chunk: Uint8Array) => new Promise<void>((resolve) => unzip.write(chunk, () => resolve()))
  const feeding = (async (): Promise<Uint8Array | null> => {
    let given = 0
    let chunk: Uint8Array | null = first
    try {
      for (;;) {
        if (chunk === null) {
          const next = await packed.next()
          if (next.done) break
          chunk = next.value
        }
        given += chunk.length
        await write(chunk)
        const left = given - unzip.bytesWritten
        if (has_ended || left > 0) return chunk.subarray(chunk.length - left)
        chunk = null
      }
    } catch (error) {
      failure_of_source = error
    }
    unzip.end()
    return null
  })()
  try {
    for (;;) {
      const chunk: Buffer | null = unzip.read()
      if (chunk !== null) yield chunk
      else if (has_ended) break
      else if (failure !== undefined) throw failure_of_source ?? asCutOff(failure, packing)
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    const left = await feeding
    if (failure_of_source !== undefined) throw failure_of_source
    return left
  } finally {
    unzip.destroy()
  }
}

function asCutOff(failure: unknown, packing: Packing): unknown {
  const code = failure instanceof Error && 'code' in failure ? String(failure.code) : ''
  if (code === 'Z_BUF_ERROR') return new CutOff('the compressed body ends before it is complete', failure)
  if (/^(?:Z|ZSTD)_/.test(code))
    return new CutOff(`the body is damaged: what ${packing} reads there is not what was compressed`, failure)
  return failure
}
