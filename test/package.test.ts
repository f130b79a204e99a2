/** What a stranger meets first: the scripts, the promises of package.json, and the documents they are sent to. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }

const scripts: Record<string, string> = packageJson.scripts
const documents = globSync('**/*.md', { exclude: ['**/node_modules', 'dist', 'test'] })
const commands = Object.keys(scripts).filter((it) => !it.startsWith('pre'))

test('a person uses four scripts, the command line and the benchmarks', () => {
  expect(commands).toEqual([
    'start',
    'dev',
    'test',
    'check',
    'reverie',
    'bench:ingest',
    'bench:dream',
    'bench:lessons',
    'bench:recall',
    'bench:simulate',
    'bench:import',
    'bench:http',
    'bench:lift',
    'bench:hook',
    'bench:cost',
  ])
})

test.each(commands)('npm run %s installs what is missing by itself', (name) => {
  expect(scripts[`pre${name}`]).toMatch(/^node ready\.js( build)?$/)
})

test.each(commands.filter((it) => scripts[it]!.startsWith('node ')))(
  'npm run %s runs a file that is there',
  (name) => {
    expect(existsSync(scripts[name]!.split(' ')[1]!)).toBe(true)
  },
)

test('Node 24 is asked for, and comes along for those who have an older one', () => {
  expect(packageJson.engines.node).toBe('>=24')
  expect(packageJson.devDependencies.node).toBe('^24')
  expect(packageJson.allowScripts).toEqual({ node: true })
})

test('the licence is Apache-2.0, in full', () => {
  expect(packageJson.license).toBe('Apache-2.0')
  expect(read('LICENSE')).toContain('END OF TERMS AND CONDITIONS')
})

test('the README begins with the two commands', () => {
  expect(read('README.md')).toContain('npm start')
  expect(read('README.md')).toContain('npm test')
})

test('every npm script that a document names exists', () => {
  const named = documents.flatMap((it) =>
    [...read(it).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name!),
  )

  expect(named.filter((it) => !(it in scripts))).toEqual([])
})

test('every file that a document links to exists', () => {
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target]) => join(dirname(document), target!))
      .filter((it) => !existsSync(it))
      .map((it) => `${document}: ${it}`),
  )

  expect(broken).toEqual([])
})

test('AGENTS.md stays under 60 lines', () => {
  expect(read('AGENTS.md').split('\n').length).toBeLessThan(60)
})

test('the changelog has a place for what comes next', () => {
  expect(read('CHANGELOG.md')).toContain('\n## [Unreleased]\n')
})

function read(file: string): string {
  return readFileSync(file, 'utf8')
}
