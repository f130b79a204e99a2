/**
 * The page at /docs: the OpenAPI document as something to read. It is all there when it arrives: no script, no font, nothing that is
 * fetched from anywhere.
 */
import { createHash } from 'node:crypto'
import type { Handler } from 'hono'
import { html, raw } from 'hono/html'
import type { Env } from './env.ts'
import type { OpenApi, Operation, Schema } from './openapi.ts'

type Html = ReturnType<typeof html>
type Place = { method: string; path: string; operation: Operation }

/** The page, made when it is first asked for. */
export function docsPage(document: () => OpenApi): Handler<Env> {
  let page: Html | null = null
  return async (c) => {
    page ??= pageOf(document())
    c.header('content-security-policy', POLICY)
    c.header('referrer-policy', 'no-referrer')
    return c.html(page)
  }
}

function pageOf(document: OpenApi): Html {
  const places = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Place => ({ method, path, operation })),
  )
  const groups = document.tags.map(({ name }) => ({
    name,
    places: places.filter((it) => it.operation.tags[0] === name),
  }))
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${document.info.title}: the API</title>
${raw(`<style>${STYLE}</style>`)}
</head>
<body>
<nav aria-label="Parts">
<strong>${document.info.title}</strong>
<ul>
${groups.map(({ name }) => html`<li><a href="#${anchor(name)}">${name}</a></li>`)}
<li><a href="#shapes">Shapes</a></li>
<li><a href="openapi.json">openapi.json</a></li>
</ul>
</nav>
<main>
<h1>${document.info.title}: the API</h1>
${document.info.description.split('\n\n').map((it) => html`<p>${inline(it)}</p>`)}
${groups.map(groupOf)}
<section id="shapes">
<h2>Shapes</h2>
${Object.entries(document.components.schemas)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, it]) => html`<article id="shape-${name}"><h3>${name}</h3>${shapeOf(it)}</article>`)}
</section>
</main>
</body>
</html>
`
}

function groupOf({ name, places }: { name: string; places: Place[] }): Html {
  return html`<section id="${anchor(name)}">
<h2>${name}</h2>
${places.map(operationOf)}
</section>
`
}

function operationOf({ method, path, operation }: Place): Html {
  const { operationId, summary, description, parameters = [], requestBody } = operation
  const mark = operation['x-reverie-extension'] ? html` <small>extension</small>` : ''
  const answers = Object.entries(operation.responses).filter(([status]) => status !== 'default')
  return html`<details id="${operationId}">
<summary><span class="${method}">${method.toUpperCase()}</span> <code>${path}</code> <span>${summary}${mark}</span></summary>
<div>
${(description ?? '').split('\n\n').map((it) => (it === '' ? '' : html`<p>${inline(it)}</p>`))}
${parameters.length === 0 ? '' : parametersOf(parameters)}
${contentOf('Send', requestBody?.content)}
${answers.map(([status, it]) => html`<h4>${status}: ${it.description}</h4>${contentOf(null, it.content)}`)}
</div>
</details>
`
}

function parametersOf(parameters: NonNullable<Operation['parameters']>): Html {
  const row = (it: (typeof parameters)[number]) =>
    html`<tr><td><code>${it.name}</code>${it.required ? '' : html` <small>optional</small>`}</td><td>${it.in}</td><td>${typeOf(it.schema ?? {})}${described(it.description ?? it.schema?.description)}</td></tr>`
  return html`<h4>Parameters</h4><table><tbody>${parameters.map(row)}</tbody></table>`
}

function contentOf(
  heading: string | null,
  content: Record<string, { schema?: Schema }> | undefined,
): Html | string {
  if (content === undefined) return ''
  return html`${Object.entries(content).map(
    ([type, { schema }]) =>
      html`${heading === null ? '' : html`<h4>${heading}</h4>`}<p><small>${type}</small></p>${schema === undefined ? '' : shapeOf(schema)}`,
  )}`
}

/** An object as a table of its fields, one of several in turn, anything else in a line. */
function shapeOf(schema: Schema): Html {
  const parts = (schema.allOf ?? schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (parts?.some((it) => it.properties !== undefined))
    return html`${parts.map((it, i) => html`${i > 0 && !schema.allOf ? html`<p>or</p>` : ''}${shapeOf(it)}`)}`
  const properties = schema.properties as Record<string, Schema> | undefined
  if (properties === undefined || Object.keys(properties).length === 0)
    return html`<p>${typeOf(schema)}${described(schema.description)}</p>`
  const required = (schema.required ?? []) as string[]
  return html`<table><tbody>${Object.entries(properties).map(
    ([name, it]) =>
      html`<tr><td><code>${name}</code>${required.includes(name) ? '' : html` <small>optional</small>`}</td><td>${typeOf(it)}${described(it.description)}${nested(it)}</td></tr>`,
  )}</tbody></table>`
}

/** The fields of an object, or of the objects of a list, that stands inside another one. */
function nested(schema: Schema): Html | string {
  const item = schema.type === 'array' ? ((schema.items ?? {}) as Schema) : schema
  const parts = [item, ...(((item.anyOf ?? item.oneOf) as Schema[] | undefined) ?? [])]
  const has_fields = parts.some((it) => Object.keys((it.properties as object | undefined) ?? {}).length > 0)
  return has_fields ? html`<details><summary>fields</summary>${shapeOf(item)}</details>` : ''
}

const LONGEST = 3

/** `string (date-time) or null`, `list of MemoryStore`, `one of "a", "b"`. */
function typeOf(schema: Schema): Html {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return html`<a href="#shape-${name}">${name}</a>`
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`
  const parts = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (parts !== undefined) return joined(parts.map(typeOf), 'or')
  const all = schema.allOf as Schema[] | undefined
  if (all !== undefined) return joined(all.map(typeOf), 'with')
  if (Array.isArray(schema.enum))
    return joined(
      schema.enum.map((it) => html`<code>${JSON.stringify(it)}</code>`),
      'or',
    )
  const types = [schema.type ?? 'anything'].flat() as string[]
  return html`${joined(
    types.map((it) =>
      it === 'array' ? html`list of ${typeOf((schema.items as Schema) ?? {})}` : html`${it}`,
    ),
    'or',
  )}${limitsOf(schema)}`
}

function joined(parts: Html[], word: string): Html {
  return html`${parts.map((it, i) => {
    const between = i === 0 ? '' : i === parts.length - 1 || parts.length <= LONGEST ? ` ${word} ` : ', '
    return html`${between}${it}`
  })}`
}

function limitsOf(schema: Schema): Html | string {
  const said = [
    schema.format,
    range('length', schema.minLength, schema.maxLength),
    range('', schema.minimum, schema.maximum),
    range('items', schema.minItems, schema.maxItems),
    schema.default === undefined ? null : `default ${JSON.stringify(schema.default)}`,
  ].filter((it) => it !== null && it !== undefined)
  return said.length === 0 ? '' : html` <small>${said.join(', ')}</small>`
}

function range(of: string, least: unknown, most: unknown): string | null {
  if (least === undefined && most === undefined) return null
  const text =
    least === undefined ? `at most ${most}` : most === undefined ? `at least ${least}` : `${least} to ${most}`
  return of === '' ? text : `${of} ${text}`
}

function described(text: string | undefined): Html | string {
  return text === undefined ? '' : html`<br>${inline(text)}`
}

/** `code` and *stress*, as our descriptions have them; all else is text. */
function inline(text: string): Html {
  return html`${text
    .split(/(`[^`]+`|\*[^*\s][^*]*\*)/)
    .map((it) =>
      it.startsWith('`')
        ? html`<code>${it.slice(1, -1)}</code>`
        : it.startsWith('*') && it.length > 2
          ? html`<em>${it.slice(1, -1)}</em>`
          : html`${it}`,
    )}`
}

function anchor(name: string): string {
  return `part-${name.toLowerCase().replaceAll(/\W+/g, '-')}`
}

const STYLE = `
:root{--text:#1c1d21;--quiet:#5d6069;--line:#dfe1e6;--paper:#fff;--raised:#f6f7f9;--link:#2453b3;--get:#1b6e3c;--post:#8a5200;--delete:#a3232b}
@media(prefers-color-scheme:dark){:root{--text:#e5e6ea;--quiet:#9ea2ad;--line:#33363f;--paper:#15161a;--raised:#1e2026;--link:#8fb2ff;--get:#6fcf97;--post:#f0b75c;--delete:#ff8f94}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;display:grid;grid-template-columns:14rem minmax(0,1fr);color:var(--text);background:var(--paper);font:16px/1.55 system-ui,sans-serif}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
nav{position:sticky;top:0;align-self:start;height:100vh;overflow:auto;padding:2rem 1.25rem;border-right:1px solid var(--line);background:var(--raised)}
nav ul{list-style:none;margin:1rem 0 0;padding:0}
nav li{margin:.3rem 0}
nav a{color:inherit;text-decoration:none}
nav a:hover{text-decoration:underline}
main{padding:2rem clamp(1rem,4vw,3rem) 6rem;max-width:62rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 1rem}
h2{font-size:1.25rem;margin:3rem 0 .75rem}
h3{font-size:1rem;margin:1.75rem 0 .5rem}
h4{font-size:.8rem;margin:1.25rem 0 .35rem;color:var(--quiet);font-weight:600}
p{margin:.5rem 0;max-width:44rem}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
small{color:var(--quiet);font-size:.8rem}
section>details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;background:var(--paper)}
section>details[open]{background:var(--raised)}
section>details>summary{display:grid;grid-template-columns:4.25rem minmax(0,1fr);gap:0 .5rem;padding:.6rem .9rem;cursor:pointer;list-style:none}
section>details>summary::-webkit-details-marker{display:none}
section>details>summary>:last-child{grid-column:2;color:var(--quiet);font-size:.9rem}
section>details>div{padding:0 .9rem 1rem}
summary:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:.25rem}
.get,.post,.delete,.put,.patch{font:600 .8rem/1.9 ui-monospace,Menlo,Consolas,monospace;color:var(--post)}
.get{color:var(--get)}.delete{color:var(--delete)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td{border-top:1px solid var(--line);padding:.35rem .75rem .35rem 0;vertical-align:top;overflow-wrap:anywhere}
td:first-child{width:34%}
td details summary{color:var(--quiet);cursor:pointer;font-size:.85rem}
td details{border-left:2px solid var(--line);padding-left:.75rem;margin:.35rem 0}
@media(max-width:48rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line);padding:1rem}nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.5rem 0 0}td:first-child{width:42%}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`

const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
