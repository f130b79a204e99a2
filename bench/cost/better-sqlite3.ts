/**
 * As much of better-sqlite3 as mem0 asks of it, on Node's own SQLite, so that nothing has to be compiled for the benchmark.
 */
import { DatabaseSync } from 'node:sqlite'

export default class Database extends DatabaseSync {
  transaction<T extends unknown[]>(work: (...given: T) => void): (...given: T) => void {
    return (...given) => {
      this.exec('BEGIN')
      try {
        work(...given)
        this.exec('COMMIT')
      } catch (error) {
        this.exec('ROLLBACK')
        throw error
      }
    }
  }
}
