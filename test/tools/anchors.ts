import type { Source } from './tree.ts'
import type { Complaints } from './tidy.ts'

/** The anchor GitHub gives a heading: lower case, letters, digits, `_` and `-` kept, spaces become `-`. */
export function slugOf(heading: string): string {
  const shown = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
  return shown.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-')
}

/** Every anchor of a page: its headings, numbered when repeated, and explicit ids. Fenced code has none. */
export function anchorsOf(page: string): Set<string> {
  const text = withoutFences(page)
  const seen = new Map<string, number>()
  const anchors = new Set([...text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)].map(found => found[1] ?? ''))
  for (const found of text.matchAll(/^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$/gm)) {
    const slug = slugOf(found[1] ?? '')
    const times = seen.get(slug) ?? 0
    anchors.add(times === 0 ? slug : `${slug}-${times}`)
    seen.set(slug, times + 1)
  }
  return anchors
}

export const withoutFences = (page: string): string => page.replace(/^(```|~~~)[^\n]*\n[\s\S]*?^\1[^\n]*$/gm, '')

const clause = /(?:\bspec\/((?:\d\d-)?[\w-]+\.md)|(?<![\w/-])(\d\d-[a-z-]+\.md))(?:#([\w-]+))?/g

/** Every clause that code, a vector or a page names exists; the failure table is code, so its column is read too. */
export function checkClauses(files: readonly Source[], pages: ReadonlyMap<string, Source>): Complaints {
  const anchors = new Map([...pages].map(([name, page]) => [name, anchorsOf(page.text)]))
  const complaints = files.flatMap(({ path, text }) =>
    [...text.matchAll(clause)].flatMap(([, long, short, anchor]) => {
      const name = long ?? short ?? ''
      const known = anchors.get(name)
      if (!known) return [`${path} names spec/${name}, which does not exist`]
      return anchor === undefined || known.has(anchor) ? [] : [`${path} names spec/${name}#${anchor}: no such heading`]
    }),
  )
  return [...new Set(complaints)]
}

/** Every test that a page names, by its path, exists: what a promise rests on is not gone unnoticed. */
export function checkTestsNamed({ path, text }: Source, files: ReadonlyMap<string, Source>): Complaints {
  const named = [...text.matchAll(/`((?:apps|packages|test)\/[\w./-]+\.test\.ts)`/g)].map(found => found[1] ?? '')
  return named.filter(each => !files.has(each)).map(each => `${path} names ${each}, which does not exist`)
}

/** Every file of vectors that a page names exists, and so does the case that stands in quotes behind it. */
export function checkVectorsNamed({ path, text }: Source, files: ReadonlyMap<string, Source>): Complaints {
  const named = [...text.matchAll(/`(?:spec\/)?(vectors\/[\w./-]+\.json)`(?: “([^”]+)”)?/g)]
  return named.flatMap(([, file = '', name]) => {
    const vectors = files.get(`spec/${file}`)
    if (vectors === undefined) return [`${path} names ${file}, which does not exist`]
    const { cases } = JSON.parse(vectors.text) as { cases: readonly { readonly name: string }[] }
    const isThere = name === undefined || cases.some(each => each.name === name)
    return isThere ? [] : [`${path} names “${name}” of ${file}, which has no such case`]
  })
}

/** Relative links of a page lead to a file of the repository, and to a heading in it. */
export function checkLinks(page: Source, files: ReadonlyMap<string, Source>): Complaints {
  const links = [...withoutFences(page.text).matchAll(/\]\(([^)\s]+)\)/g)].map(found => found[1] ?? '')
  return links.flatMap(link => {
    if (/^[a-z]+:/.test(link)) return []
    const [place = '', anchor] = link.split('#')
    const path = place === '' ? page.path : new URL(place, `file:///${page.path}`).pathname.slice(1).replace(/\/$/, '')
    const target = files.get(path)
    if (!target) {
      const isFolder = [...files.keys()].some(other => other.startsWith(`${path}/`))
      return isFolder ? [] : [`${page.path} links to ${link}, which does not exist`]
    }
    const holds = anchor === undefined || anchorsOf(target.text).has(anchor)
    return holds ? [] : [`${page.path} links to ${link}: no such heading`]
  })
}

/** A command a page tells people to type is a script of package.json. */
export function checkCommands(page: Source, scripts: ReadonlySet<string>): Complaints {
  const named = [...page.text.matchAll(/\b(?:npm run|pnpm(?: run)?|npm(?= (?:test|start)\b)) ([a-z][\w:-]*)/g)]
  return named.flatMap(([said, script = '']) =>
    scripts.has(script) || notScripts.has(script) ? [] : [`${page.path} says "${said}", which is no script`],
  )
}

const notScripts = new Set(['install', 'add', 'exec', 'workspace', 'workspaces'])
