/** An object or an array that is still open: the names it has so far, and where in it the text stands. */
type Open = { readonly names: Set<string> | undefined; at: string | number }

const marks = /["{}[\],]/g
const colon = /\s*:/y

/**
 * The place of a name that stands twice in one object of a text that is JSON. A parser takes the last of two and says
 * nothing, so that a marking that a person reads is not the one that is signed.
 */
export function nameTwice(text: string): string | undefined {
  const open: Open[] = []
  marks.lastIndex = 0
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const [mark] = found
    if (mark !== '"') {
      step(open, mark)
      continue
    }
    marks.lastIndex = endOfString(text, found.index) + 1
    colon.lastIndex = marks.lastIndex
    const here = open.at(-1)
    // Of a text that is JSON, a string before a colon is a name.
    if (here?.names === undefined || !colon.test(text)) continue
    here.at = JSON.parse(text.slice(found.index, marks.lastIndex)) as string
    if (here.names.size === here.names.add(here.at).size) return open.map(({ at }) => `/${at}`).join('')
  }
  return undefined
}

function step(open: Open[], mark: string): void {
  const here = open.at(-1)
  if (mark === '{') open.push({ names: new Set(), at: '' })
  else if (mark === '[') open.push({ names: undefined, at: 0 })
  else if (mark !== ',') open.pop()
  else if (typeof here?.at === 'number') here.at += 1
}

/** A quote after an even number of backslashes. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
