/**
 * What each session was told when a memory store dreamed of it, so that what was counted of it is known as long as it counts. A JSON list of
 * keys, which are hashes of what lessons are about (`3-mine/told.ts`); null where it was told nothing.
 */
export const told = `
ALTER TABLE ledger ADD COLUMN told TEXT;
`
