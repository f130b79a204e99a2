/**
 * Makes a checkout ready: installs what is missing and, asked to `build`, bundles what has changed.
 *
 * npm runs it before every script that needs it. It is plain JavaScript without dependencies, since it runs on a
 * fresh machine with Node 20 before anything is installed. With nothing to do it is silent and quick. All
 * it says goes to stderr: stdout belongs to the command that follows.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const NEEDED_NODE = 24
/** Comes with the devDependency `node`, and is first on the PATH of every npm script. */
const BUNDLED_NODE = `node_modules/.bin/node${process.platform === 'win32' ? '.cmd' : ''}`
const BUILT_FROM = 'dist/.built-from'
const LOCK = '.ready.lock'

process.chdir(fileURLToPath(new URL('.', import.meta.url)))
try {
  once(isInstalled, install)
  if (!isRecentEnough(process.versions.node) && !existsSync(BUNDLED_NODE)) throw noNode()
  if (process.argv[2] === 'build') once(isBuilt, build)
} catch (error) {
  say(error.message)
  process.exitCode = 1
}

/** Does what is not done, and lets others who want the same at this moment wait for it. */
function once(isDone, work) {
  if (isDone()) return
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  try {
    if (!isDone()) work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function takeLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!isAlive(Number(read(LOCK)))) rmSync(LOCK, { force: true })
  return false
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user lives; we may only not signal it.
    return error.code === 'EPERM'
  }
}

/** npm writes the list of what it installed last, so an installation that was broken off does not count. */
function isInstalled() {
  const list = read('node_modules/.package-lock.json')
  if (list === '') return false
  const installed = JSON.parse(list).packages
  const wanted = Object.entries(JSON.parse(read('package-lock.json')).packages)
  return wanted.every(([path, it]) => path === '' || it.optional || installed[path]?.version === it.version)
}

/** Not `npm ci`, which refuses a lock file that lacks binaries of other platforms; npm leaves out those it did not see. */
function install() {
  say('installing what is missing (npm install)')
  // Without a registry npm would try again for every package, and say nothing for ten minutes.
  const silence = npm(
    'ping',
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=500',
    '--fetch-retry-maxtimeout=2000',
  )
  const is_reached = silence === '' || /\bcode E\d{3}\b/.test(silence)
  if (!is_reached)
    throw new Error(
      `npm cannot reach its registry; check the network and \`npm config get registry\`\n${silence}`,
    )
  const failure = npm('install', '--no-save', '--include=dev', '--no-audit', '--no-fund')
  if (failure)
    throw new Error(`npm could not install what is missing; \`npm install\` tries again\n${failure}`)
  if (!isRecentEnough(versionOf(BUNDLED_NODE))) rmSync(BUNDLED_NODE, { force: true })
}

/** Runs the npm that runs this script, on the Node it runs on; `npm` when started by hand. Gives what it says of a failure. */
function npm(...words) {
  const path = process.env.npm_execpath
  const [command, ...first] = path?.endsWith('npm-cli.js') ? [process.execPath, path] : ['npm']
  const { status, stderr, error } = spawnSync(command, [...first, ...words, '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    shell: first.length === 0 && process.platform === 'win32',
  })
  return status === 0 ? '' : (error?.message ?? stderr)
}

function noNode() {
  return new Error(
    `Reverie needs Node ${NEEDED_NODE} or newer; this is ${process.versions.node}. ` +
      `npm usually brings it along, but here the one it brought is missing or does not run. ` +
      `Try \`npm rebuild node --ignore-scripts=false\`, or install Node ${NEEDED_NODE}.`,
  )
}

function isRecentEnough(version) {
  return Number.parseInt(version, 10) >= NEEDED_NODE
}

/** `24.1.0`, or an empty text where that file does not run. */
function versionOf(node) {
  const { status, stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
  return status === 0 ? stdout : ''
}

function isBuilt() {
  return read(BUILT_FROM) === sources()
}

function build() {
  const from = sources()
  rmSync(BUILT_FROM, { force: true })
  const node = existsSync(BUNDLED_NODE) ? BUNDLED_NODE : process.execPath
  const { status } = spawnSync(node, ['build.ts'], { stdio: ['ignore', process.stderr, 'inherit'] })
  if (status !== 0) throw new Error('the sources cannot be bundled; the reason stands above')
  writeFileSync(BUILT_FROM, from)
}

/** Everything that goes into the bundle, each file with its size and time. */
function sources() {
  const files = ['build.ts', 'package.json', 'package-lock.json']
  for (const folder of ['src', 'examples'])
    for (const it of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (it.isFile()) files.push(`${it.parentPath ?? it.path}/${it.name}`)
  return files
    .sort()
    .map((it) => [it, statSync(it)])
    .map(([path, { size, mtimeMs }]) => `${path} ${size} ${mtimeMs}\n`)
    .join('')
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function say(text) {
  process.stderr.write(`reverie: ${text}\n`)
}
