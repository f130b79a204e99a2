import { visible } from '../domain/visible-text.ts'

/** Text that is HTML already; anything else is escaped where it is put into one. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | Part[]

/**
 * HTML with values put in. What is no `Markup` is text of somebody's: it is escaped, put on one line, and relieved of what no eye sees or
 * what turns text around, so it is always only words, in an attribute as well, as long as that stands in double quotes.
 */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(texts.reduce((all, text, i) => all + written(parts[i - 1]!) + text))
}

/** A sentence in which names stand in backticks, as those of tools do. */
export function prose(text: string): Markup {
  const marked = escaped(visible(text)).replace(/`([^`]+)`/g, '<code>$1</code>')
  return new Markup(marked)
}

function written(part: Part): string {
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map(written).join('')
  return escaped(visible(String(part)))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (it) => ESCAPES[it]!)
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
