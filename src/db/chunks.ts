const CHUNK = 400

/** Calls `work` with pieces of a list that fit into one statement. */
export async function inChunks<T>(list: T[], work: (chunk: T[]) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < list.length; i += CHUNK) await work(list.slice(i, i + CHUNK))
}
