import { userInfo } from 'node:os'
import { EngineError } from '../domain/error.ts'

/** The person at the command line, as the actor of what they do: the name they give, else that of their account. */
export function personAt(name: string | undefined): `user:${string}` {
  return `user:${name ?? accountName()}`
}

function accountName(): string {
  try {
    return userInfo().username
  } catch (error) {
    throw new EngineError('invalid_request_error', 'this account has no name to write under', {
      hint: 'give yours with --as NAME',
      cause: error,
    })
  }
}
