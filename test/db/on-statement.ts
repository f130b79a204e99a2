import type { KyselyPlugin } from 'kysely'

/** Calls `act` before and after every statement, with its number, counted from 1. */
export function onStatement(act: (when: 'before' | 'after', statement: number) => void): KyselyPlugin {
  let statements = 0
  return {
    transformQuery({ node }) {
      act('before', ++statements)
      return node
    },
    async transformResult({ result }) {
      act('after', statements)
      return result
    },
  }
}
