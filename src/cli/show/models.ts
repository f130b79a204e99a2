import type { ModelSetup, ShownProvider } from '../../engine.ts'
import { wrap } from '../layout.ts'
import { dollars, grouped } from '../number-words.ts'
import type { Screen } from '../screen.ts'

export function showModelSetup(setup: ModelSetup, screen: Screen): string {
  return [
    headOf(setup, screen),
    ...setup.models.map((it) => modelLines(it, setup, screen)),
    budgetLines(setup, screen),
    providerLines(setup, screen),
    setup.models.length > 0 ? '' : whatOneCosts(screen),
  ]
    .filter((it) => it !== '')
    .join('\n')
}

/** To somebody who has named none yet: the next step that costs nothing. */
function whatOneCosts({ command }: Screen): string {
  const dry_run = ['dream', '--model', 'anthropic/claude-haiku-4-5', '--dry-run']
  return `What one would cost, without asking it anything:\n  ${command(dry_run)}\n`
}

function headOf(setup: ModelSetup, { columns, bold }: Screen): string {
  const asked =
    setup.default === 'none'
      ? 'A dream asks no model unless one is named'
      : `A dream asks ${bold(setup.default)} unless another is named`
  const file = setup.file === null ? 'There is no models.yaml.' : `Configured in ${setup.file}.`
  const night = setup.night === null ? [] : [nightLine(setup.night)]
  return [`${asked} (dream --model). ${file}`, ...night].map((it) => `${wrap(it, columns)}\n`).join('')
}

function nightLine({ from, to, timezone, when_closed }: NonNullable<ModelSetup['night']>): string {
  const then = when_closed === 'wait' ? 'what is left waits for the next' : 'what is left is asked directly'
  return `Where the provider takes batches, they are put in from ${from} to ${to} (${timezone}); after that ${then}.`
}

function modelLines(
  { name, price, missing }: ModelSetup['models'][number],
  { wire }: ModelSetup,
  { columns, bold, bad, good }: Screen,
): string {
  const ids = Object.entries(wire ?? {}).flatMap(([id, it]) => (it === name ? [id] : []))
  const cost =
    price === null
      ? 'price not known'
      : `a million tokens cost ${dollars(price.input)} in (${dollars(price.cache_read)} from a cache), ${dollars(price.output)} out`
  const lines = [cost, ...(ids.length === 0 ? [] : [`asked for over the wire as ${ids.join(', ')}`])]
  const readiness = missing === null ? good('  ready') : bad(wrap(`not ready: ${missing}`, columns, '  '))
  return [bold(name), readiness, ...lines.map((it) => wrap(it, columns, '  '))]
    .map((it) => `${it}\n`)
    .join('')
}

function budgetLines({ budget, spent_today }: ModelSetup, { columns }: Screen): string {
  const spent = `${grouped(spent_today.tokens)} tokens, ${dollars(spent_today.usd)}`
  return `${wrap(`Budget of a dream: ${limitOf(budget.dream)}. Of a day: ${limitOf(budget.day)}; spent since midnight UTC: ${spent}.`, columns)}\n`
}

function limitOf({ tokens, usd }: ModelSetup['budget']['day']): string {
  const limits = [
    ...(tokens === null ? [] : [`${grouped(tokens)} tokens`]),
    ...(usd === null ? [] : [dollars(usd)]),
  ]
  return limits.length === 0 ? 'no limit' : limits.join(', ')
}

function providerLines({ providers }: ModelSetup, screen: Screen): string {
  return `${screen.bold('Providers')}\n${providers.map((it) => providerLine(it, screen)).join('')}`
}

function providerLine(it: ShownProvider, { columns }: Screen): string {
  const key =
    it.api_key_env === null
      ? 'needs no key'
      : `${it.has_key ? 'has its key' : 'has no key'} (${it.api_key_env})`
  const host = it.refusal === null ? 'may be called' : 'may not be called from this workspace'
  return `${wrap(`${it.name}: ${it.base_url}, ${key}, ${host}`, columns, '  ')}\n`
}
