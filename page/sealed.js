// Writes what the page was built from beside it: a digest of every source file, which a test compares with the sources.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const ROOT = import.meta.dirname
const SKIPPED = new Set(['node_modules', '.gitignore'])

export function sources(folder = ROOT) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? sources(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort()
}

export function digest() {
  const total = createHash('sha256')
  for (const path of sources().map((p) => relative(ROOT, p).split(sep).join('/')).sort()) {
    total.update(path + '\0')
    total.update(readFileSync(join(ROOT, path)))
  }
  return total.digest('hex')
}

export function sealed() {
  return {
    name: 'sealed',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'sources.sha256', source: digest() + '\n' })
    },
  }
}
