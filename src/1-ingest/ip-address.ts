import { isIPv4, isIPv6 } from 'node:net'
import { confirmed, type FindPii } from './pii-finding.ts'

/** IP addresses, except those that are the same on every machine. Four numbers after a word that says so are a version. */
export const findIpAddresses: FindPii = (text) => [
  ...confirmed(text, 'ip', V4, (match, start) =>
    isIPv4(match) && !SAME_EVERYWHERE.test(match) && !isVersion(text, start) ? match : null,
  ),
  ...(MAY_HOLD_V6.test(text) ? confirmed(text, 'ip', V6, v6) : []),
]

function isVersion(text: string, start: number): boolean {
  return VERSION_BEFORE.test(text.slice(Math.max(0, start - 16), start))
}

function v6(match: string): string | null {
  return isIPv6(match) && IS_NO_CODE.test(match) ? match.toLowerCase() : null
}

const V4 = /(?<![\p{LC}\p{N}]|\d[.-])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\p{LC}\p{N}]|\.\d|-\p{LC})/gu
const MAY_HOLD_V6 = /::|:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:/
const V6 =
  /(?<![\p{LC}\p{N}:.])(?:[0-9A-Fa-f]{1,4}:|::)(?:[0-9A-Fa-f]{0,4}:){0,7}[0-9A-Fa-f]{0,4}(?![\p{LC}\p{N}]|:[\p{LC}\p{N}:])/gu

const SAME_EVERYWHERE = /^(?:127\.|0\.|255\.255)/
const VERSION_BEFORE = /(?:(?<![a-z])(?:versions?|ver|v|release|rev|build)|[=~<>!]=|\^|@)[\s"':=.]{0,3}$/i
/** A time, a byte after byte, or a name in C++ has no such group; an address nearly always has. */
const IS_NO_CODE = /(?=.*\d)(?:^|:)[0-9A-Fa-f]{3,4}(?:$|:)/
